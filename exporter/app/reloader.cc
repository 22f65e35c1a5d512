#include "exporter/app/reloader.h"

#include <cstdint>
#include <utility>

#include "absl/time/clock.h"
#include "exporter/files/log.h"
#include "exporter/model/target.h"

namespace chatscale {
namespace {

// Warns of overrides that have ended: a wrong year has no effect, and nobody would notice.
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

Reloader::Reloader(Config config, Recommender* recommender, Access* access, SelfMetrics& self,
                   absl::Time now)
    : config_(std::move(config)),
      recommender_(recommender),
      access_(access),
      successful_(self.Gauge("chat.exporter.config_last_reload_successful").Add({})),
      last_success_(
          self.Gauge("chat.exporter.config_last_reload_success_timestamp_seconds").Add({})),
      policy_hash_(self.Gauge("chat.exporter.config_hash").Add({})) {
  last_success_.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
  Show();
  WarnOfEndedOverrides(*recommender_->Policies(), now);
  PolicyChanged();
}

void Reloader::Show() {
  successful_.Set(policy_loaded_ && access_->current() && !hangs_ ? 1 : 0);
  policy_hash_.Set(static_cast<double>(static_cast<std::uint32_t>(recommender_->PolicyHash())));
}

bool Reloader::PolicyChanged() {
  if (config_.policy_file.empty()) return false;
  absl::StatusOr<std::string> now = ReadPolicyFile(config_.policy_file);
  const bool same = now.ok() ? file_.ok() && *now == *file_ : now.status() == file_.status();
  if (!same) file_ = std::move(now);
  return !same;
}

absl::Status Reloader::ReloadPolicy() {
  absl::StatusOr<PolicySet> policies = LoadPolicies(config_);
  const std::lock_guard lock(mutex_);
  policy_loaded_ = policies.ok();
  if (!policies.ok()) {
    Log(LogLevel::kError, "policy not reloaded; the last good one stays",
        {{"error", std::string(policies.status().message())}});
    return policies.status();
  }
  const absl::Time now = absl::Now();
  WarnOfEndedOverrides(*policies, now);
  recommender_->SetPolicies(*std::move(policies));
  last_success_.Set(absl::ToDoubleSeconds(now - absl::UnixEpoch()));
  Log(LogLevel::kInfo, "policy reloaded");
  return absl::OkStatus();
}

absl::Status Reloader::Reload() {
  absl::Status listener = access_->Reload();  // logs its own result
  absl::Status policy = ReloadPolicy();
  Show();
  return policy.ok() ? listener : policy;
}

absl::Status Reloader::ReloadChanged() {
  access_->Reload().IgnoreError();
  if (PolicyChanged()) ReloadPolicy().IgnoreError();
  Show();
  return absl::OkStatus();
}

void Reloader::Follow(bool all) {
  if (all) all_ = true;
  reads_.Offer([this] {
    if (!all_.exchange(false)) return ReloadChanged();
    Reload().IgnoreError();
    return absl::OkStatus();
  });
  const bool hang = !reads_.Outcome().ok();
  if (hangs_.exchange(hang) == hang) return;
  Show();
  Log(hang ? LogLevel::kError : LogLevel::kInfo,
      hang ? "the policy and the listener's files cannot be read: their disk hangs"
           : "the policy and the listener's files can be read again");
}

}  // namespace chatscale
