// What the recommender goes by, and what it leaves behind.
#include "exporter/config/settings_subjects.h"

namespace chatscale {

std::vector<Setting> AdviceSettings() {
  return {
      {"--policy.file", "METRICS_POLICY_FILE", Path(&Config::policy_file),
       "YAML file with the recommender's policy; without it, the documented one"},
      {"--recommender.dry-run", "METRICS_DRY_RUN", Flag(&Config::dry_run),
       "Advise people only: what autoscalers read is withheld, and shown as "
       "chat_recommender_dry_run_desired_replicas"},
      {"--redis.max-clients", "METRICS_REDIS_MAX_CLIENTS",
       WholeNumber(&Config::redis_max_clients, 1, 10'000'000),
       "Connections that the chat system's Redis accepts (its maxclients, which takes an "
       "administrator's right to read): advice grows within it; not known unless set"},
      {"--state.file", "METRICS_STATE_FILE", Path(&Config::state_file),
       "File that carries the recommender's state over a restart"},
      {"--decisions.file", "METRICS_DECISIONS_FILE", Path(&Config::decisions_file),
       "File to which every decision is appended, one JSON object a line; at 10 MB it becomes "
       "<file>.1"},
  };
}

}  // namespace chatscale
