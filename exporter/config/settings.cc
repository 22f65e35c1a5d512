#include "exporter/config/settings.h"

#include <vector>

#include "exporter/config/settings_subjects.h"

namespace chatscale {

const char* ModeName(Mode mode) {
  switch (mode) {
    case Mode::kRedis:
      return "redis";
    case Mode::kProxy:
      return "proxy";
    case Mode::kDemo:
      return "demo";
  }
  return "redis";
}

bool HasSink(const Config& config) {
  return !config.textfile_path.empty() || config.pushgateway.enabled || config.cloudwatch.enabled ||
         config.otlp.enabled;
}

bool HasSeveralTargets(const Config& config) {
  return config.mode == Mode::kRedis && (config.redis.discover || config.redis.targets.size() > 1);
}

std::span<const Setting> Settings() {
  static const std::vector<Setting> settings = [] {
    std::vector<Setting> all;
    for (const auto& subject :
         {CollectSettings(), ProxySettings(), RedisSettings(), PostgresSettings(), DemoSettings(),
          AdviceSettings(), OutputSettings(), NamingSettings(), PushgatewaySettings(),
          CloudWatchSettings(), OtlpSettings()}) {
      all.insert(all.end(), subject.begin(), subject.end());
    }
    return all;
  }();
  return settings;
}

}  // namespace chatscale
