#include "exporter/commands/make_source.h"

#include "exporter/log/log.h"
#include "exporter/sources/demo_source.h"
#include "exporter/sources/proxy_source.h"
#include "exporter/sources/redis/redis_mode.h"

namespace chatscale {
namespace {

void LogCredentialChange(const absl::Status& status) {
  if (status.ok()) {
    Log(LogLevel::kInfo, "credential file usable again");
  } else {
    Log(LogLevel::kWarning, "credential file not usable; keeping the last good value",
        {{"error", std::string(status.message())}});
  }
}

void LogPostgresChange(const absl::Status& status) {
  if (status.ok()) {
    Log(LogLevel::kInfo, "PostgreSQL answers again");
  } else {
    Log(LogLevel::kWarning, "PostgreSQL does not answer; its limit is unknown after a while",
        {{"error", std::string(status.message())}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotSource>> MakeSource(const Config& config) {
  switch (config.mode) {
    case Mode::kProxy:
      return MakeProxySource(config.proxy, {config.tenant, config.project}, LogCredentialChange);
    case Mode::kDemo:
      return MakeDemoSource(config.demo.seed, config.demo.speed);
    case Mode::kRedis:
      return MakeRedisSource(config, LogPostgresChange);
  }
  return absl::InvalidArgumentError("METRICS_MODE: expected redis, proxy or demo");
}

}  // namespace chatscale
