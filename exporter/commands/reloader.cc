#include "exporter/commands/reloader.h"

#include <utility>

#include "exporter/core/service.h"
#include "exporter/log/log.h"

namespace chatscale {
namespace {

// One with a wrong year orders nothing, and whoever wrote it waits for it.
void WarnOfEndedOverrides(const PolicySet& policies, absl::Time now) {
  for (const Service service : kServices) {
    const auto until_of = [service](const recommender::Policy& policy) {
      const bool ingress = service == Service::kIngress;
      return (ingress ? policy.ingress.replicas : policy.proc.replicas).temporary.until;
    };
    const auto warn = [&](const Target& target, absl::Time until) {
      if (until == absl::InfinitePast() || until > now) return;
      Log(LogLevel::kWarning, "an override has ended and is not in effect",
          {{"component", std::string(NameOf(service))},
           {"until", absl::FormatTime(absl::RFC3339_sec, until, absl::UTCTimeZone())},
           {"tenant", target.tenant},
           {"project", target.project}});
    };
    const absl::Time common = until_of(policies.base);
    warn({}, common);
    for (const PolicyOverride& of : policies.overrides) {
      const absl::Time until = until_of(of.policy);
      if (until != common) warn(of.target, until);
    }
  }
}

}  // namespace

absl::StatusOr<PolicySet> LoadPolicies(const Config& config) {
  if (config.policy_file.empty()) return PolicySet{};
  return LoadPolicyFile(config.policy_file);
}

Reloader::Reloader(Config config, Advisor* advisor, absl::Time now)
    : config_(std::move(config)), advisor_(advisor) {
  stats_.last_success = now;
  stats_.policy_hash = advisor_->PolicyHash();
  WarnOfEndedOverrides(*advisor_->Policies(), now);
  Changed();
}

bool Reloader::Changed() {
  if (config_.policy_file.empty()) return false;
  absl::StatusOr<std::string> now = ReadPolicyFile(config_.policy_file);
  const bool same = now.ok() ? file_.ok() && *now == *file_ : now.status() == file_.status();
  if (!same) file_ = std::move(now);
  return !same;
}

absl::Status Reloader::Reload(absl::Time now) {
  absl::StatusOr<PolicySet> policies = LoadPolicies(config_);  // may hang with its disk
  const std::lock_guard lock(mutex_);
  stats_.successful = policies.ok();
  if (!policies.ok()) return policies.status();
  WarnOfEndedOverrides(*policies, now);
  advisor_->SetPolicies(*std::move(policies));
  stats_.last_success = now;
  stats_.policy_hash = advisor_->PolicyHash();
  return absl::OkStatus();
}

ReloadStats Reloader::Stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace chatscale
