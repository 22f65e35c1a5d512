// Redis mode.
#include "exporter/config/setting_text.h"
#include "exporter/config/settings_subjects.h"
#include "exporter/files/read_file.h"

namespace chatscale {
namespace {

using Redis = RedisConfig;
constexpr auto kRedis = &Config::redis;

bool TakeTargets(std::string_view text, Config& c) {
  const auto targets = TargetsFrom(text);
  if (targets) c.redis.targets = *targets;
  return targets.has_value();
}

bool TakeTargetsFile(std::string_view text, Config& c) {
  constexpr std::size_t kMostBytes = 16UL << 20;
  const auto json = ReadWholeFile(std::string(text), kMostBytes);
  return json.ok() && TakeTargets(*json, c);
}

bool TakeWhom(std::string_view text, Config& c) {
  c.redis.discover = text == "discover";
  return c.redis.discover || text == "configured";
}

}  // namespace

std::vector<Setting> RedisSettings() {
  return {
      {"", "REDIS_URL",
       Text({kRedis, &Redis::url},
            "redis:// or rediss://[user:password@]host:port/db, or unix:///path?db=N"),
       "Redis mode: where Redis is, and as whom to read it", true},
      {"--redis.password-file", "REDIS_PASSWORD_FILE", Path({kRedis, &Redis::password_file}),
       "Redis mode: file that holds the password; read again at every connect"},
      {"--redis.tls-ca-file", "REDIS_TLS_CA_FILE", Path({kRedis, &Redis::ca_file}),
       "Redis mode: PEM file of the authorities to trust for rediss://, instead of the system's"},
      {"--redis.targets",
       "METRICS_TARGETS",
       {"configured or discover", "configured", TakeWhom},
       "Redis mode: read the tenants that are configured, or all that are found"},
      {"--redis.targets-json",
       "METRICS_TARGETS_JSON",
       {"a JSON list of at most 5000 different {\"tenant\", \"project\"}", "", TakeTargets},
       "Redis mode: the tenants and projects to read"},
      {"--redis.targets-file",
       "METRICS_TARGETS_FILE",
       {"a file with a JSON list as in METRICS_TARGETS_JSON", "", TakeTargetsFile},
       "Redis mode: the same in a file, where it is too long for a variable"},
      {"", "GATEWAY_CONFIG_JSON", Text({kRedis, &Redis::gateway_config_json}, "a JSON object"),
       "Redis mode: the gateway's configuration, in force where Redis holds none", true},
      {"--redis.gateway-yaml", "GATEWAY_YAML_PATH", Path({kRedis, &Redis::gateway_yaml_path}),
       "Redis mode: YAML file with the same, used when there is no GATEWAY_CONFIG_JSON"},
      {"--redis.force-environment-config", "GATEWAY_CONFIG_FORCE_ENV_ON_STARTUP",
       Flag({kRedis, &Redis::force_environment_config}),
       "Redis mode: ignore the gateway configuration that Redis holds"},
      {"--instance-id", "INSTANCE_ID", Text({kRedis, &Redis::instance_id}),
       "Redis mode: our own name, as it appears in the document"},
  };
}

}  // namespace chatscale
