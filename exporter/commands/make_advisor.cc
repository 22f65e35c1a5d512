#include "exporter/commands/make_advisor.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/advisor/state/state_file.h"
#include "exporter/commands/exit_code.h"
#include "exporter/log/log.h"

namespace chatscale {
namespace {

States TakeUpStates(const std::string& file) {
  if (file.empty()) return {};
  auto loaded = LoadStates(file);
  if (!loaded.ok()) {
    Log(LogLevel::kWarning, "starting without state",
        {{"error", std::string(loaded.status().message())}});
    return {};
  }
  if (!loaded->warning.empty()) Log(LogLevel::kWarning, loaded->warning);
  return std::move(loaded->states);
}

// A sample that is older than max_age says nothing: until the next one every rule is unknown.
void WarnOfSlowCollection(const Config& config, const recommender::InputPolicy& input) {
  if (config.collect_interval <= input.max_age) return;
  Log(LogLevel::kWarning, "samples are further apart than a sample counts: few rules can ever fire",
      {{"METRICS_COLLECT_INTERVAL_SEC",
        absl::StrCat(absl::ToInt64Seconds(config.collect_interval))},
       {"input.max_age", absl::StrCat(absl::ToInt64Seconds(input.max_age))}});
}

}  // namespace

std::unique_ptr<Advisor> MakeAdvisor(const Config& config, PolicySet policies,
                                     DecisionLog* decisions, StateFile state_file) {
  WarnOfSlowCollection(config, policies.base.input);
  const AdvisorOptions options{
      .state_file = state_file == StateFile::kKept ? config.state_file : "",
      .document_time = config.mode == Mode::kDemo,
      .dry_run = config.dry_run,
      .redis_limit = config.redis_max_clients};
  return std::make_unique<Advisor>(std::move(policies), TakeUpStates(config.state_file), options,
                                   decisions);
}

bool SaveAtTheEnd(Advisor& advisor) {
  const absl::Status saved = advisor.Save(kStopGrace);
  if (!saved.ok()) {
    Log(LogLevel::kWarning, "state not saved", {{"error", std::string(saved.message())}});
  }
  return !absl::IsDeadlineExceeded(saved);
}

}  // namespace chatscale
