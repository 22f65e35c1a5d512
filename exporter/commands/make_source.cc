#include "exporter/commands/make_source.h"

#include <optional>
#include <string>
#include <utility>

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

MadeSource DemoThatFollows(const Config& config) {
  const Target named{config.tenant.empty() ? "demo" : config.tenant,
                     config.project.empty() ? "demo" : config.project};
  auto demo = std::make_unique<DemoSource>(config.demo.seed, config.demo.speed, named);
  auto follow = [demo = demo.get()](const View& view) {
    for (const TargetView& target : view.targets) {
      if (!target.advice) continue;
      const std::optional<int> ingress = DeliveryOf(*target.advice, Service::kIngress).desired;
      const std::optional<int> proc = DeliveryOf(*target.advice, Service::kProc).desired;
      if (ingress && proc) demo->SetDesired(*ingress, *proc);
    }
  };
  return {std::move(demo), std::move(follow)};
}

}  // namespace

absl::StatusOr<MadeSource> MakeSource(const Config& config) {
  switch (config.mode) {
    case Mode::kProxy:
      return MadeSource{MakeProxySource(config.proxy, {config.tenant, config.project},
                                        config.collect_interval, LogCredentialChange),
                        {}};
    case Mode::kDemo:
      return DemoThatFollows(config);
    case Mode::kRedis: {
      auto redis = MakeRedisSource(config, LogPostgresChange);
      if (!redis.ok()) return redis.status();
      return MadeSource{*std::move(redis), {}};
    }
  }
  return absl::InvalidArgumentError("METRICS_MODE: expected redis, proxy or demo");
}

}  // namespace chatscale
