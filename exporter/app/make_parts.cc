#include "exporter/app/make_parts.h"

#include <sys/stat.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/app/process.h"
#include "exporter/files/log.h"
#include "exporter/recommendations/state_file.h"
#include "exporter/redis/redis_source.h"
#include "exporter/sources/demo_source.h"
#include "exporter/sources/proxy_source.h"

namespace chatscale {

namespace {

void WarnWhereAllMayRead(const std::string& file) {
  struct stat info {};
  if (file.empty() || ::stat(file.c_str(), &info) != 0 || (info.st_mode & S_IROTH) == 0) return;
  Log(LogLevel::kWarning, "everybody on this host may read a secret", {{"file", file}});
}

void LogReload(const absl::Status& status) {
  if (status.ok()) {
    Log(LogLevel::kInfo, "the listener's files are reloaded");
  } else {
    Log(LogLevel::kError, "the listener's files are not reloaded; the last good ones stay",
        {{"error", std::string(status.message())}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Access>> MakeAccess(const Config& config) {
  AccessOptions options = config.access;
  options.reloaded = LogReload;
  auto access = Access::Create(std::move(options));
  if (!access.ok()) return access;
  WarnWhereAllMayRead(config.access.token_file);
  return access;
}

namespace {

States LoadSavedStates(const std::string& file) {
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

// A sample older than max_age is unusable: every rule is then unknown until the next one.
void WarnOfSlowCollection(const Config& config, const recommender::InputPolicy& input) {
  if (config.collection.interval <= input.max_age) return;
  Log(LogLevel::kWarning,
      "the interval between samples exceeds their maximum age: few rules can ever fire",
      {{"METRICS_COLLECT_INTERVAL_SEC",
        absl::StrCat(absl::ToInt64Seconds(config.collection.interval))},
       {"input.max_age", absl::StrCat(absl::ToInt64Seconds(input.max_age))}});
}

}  // namespace

std::unique_ptr<Recommender> MakeRecommender(const Config& config, PolicySet policies,
                                             DecisionLog* decisions, StateFile state_file) {
  WarnOfSlowCollection(config, policies.base.input);
  RecommenderOptions options = config.recommender;
  options.document_time = config.mode == Mode::kDemo;
  const States states = LoadSavedStates(options.state_file);
  if (state_file == StateFile::kOnlyRead) options.state_file.clear();
  return std::make_unique<Recommender>(std::move(policies), states, std::move(options), decisions);
}

PollLoopOptions CollectionOf(const Config& config) {
  PollLoopOptions options = config.collection;
  options.mode = ModeName(config.mode);
  options.naming = *Naming::Of(config.naming, config.mapping);  // validated by CheckTogether
  return options;
}

bool SaveAtTheEnd(Recommender& recommender) {
  const absl::Status saved = recommender.Save(kSaveGrace);
  if (!saved.ok()) {
    Log(LogLevel::kWarning, "state not saved", {{"error", std::string(saved.message())}});
  }
  return !absl::IsDeadlineExceeded(saved);
}

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
    Log(LogLevel::kInfo, "PostgreSQL responds again");
  } else {
    Log(LogLevel::kWarning, "PostgreSQL does not respond; its limit is unknown after a while",
        {{"error", std::string(status.message())}});
  }
}

MadeSource DemoThatFollows(const Config& config) {
  const Target named{config.tenant.empty() ? "demo" : config.tenant,
                     config.project.empty() ? "demo" : config.project};
  auto demo = std::make_unique<DemoSource>(config.demo, named);
  auto follow = [demo = demo.get()](const View& view) {
    for (const TargetView& target : view.targets) {
      if (!target.recommendations) continue;
      const std::optional<int> ingress =
          AutoscalerValuesOf(*target.recommendations, Service::kIngress).desired;
      const std::optional<int> proc =
          AutoscalerValuesOf(*target.recommendations, Service::kProc).desired;
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
                                        config.collection.interval, LogCredentialChange),
                        {}};
    case Mode::kDemo:
      return DemoThatFollows(config);
    case Mode::kRedis: {
      RedisSourceOptions options = config.redis;
      options.environment_target = {config.tenant, config.project};
      if (config.postgres.enabled) {
        options.postgres = std::make_shared<PostgresMaxConnections>(
            config.postgres, PostgresPolling{}, LogPostgresChange);
      }
      auto redis = RedisSource::Create(std::move(options));
      if (!redis.ok()) return redis.status();
      return MadeSource{*std::move(redis), {}};
    }
  }
  return absl::InvalidArgumentError("METRICS_MODE: expected redis, proxy or demo");
}

}  // namespace chatscale
