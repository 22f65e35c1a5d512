#include "exporter/commands/reloader.h"

#include <utility>

namespace chatscale {

absl::StatusOr<PolicySet> LoadPolicies(const Config& config) {
  if (config.policy_file.empty()) return PolicySet{};
  return LoadPolicyFile(config.policy_file);
}

Reloader::Reloader(Config config, Advisor* advisor, absl::Time now)
    : config_(std::move(config)), advisor_(advisor) {
  stats_.last_success = now;
  stats_.policy_hash = advisor_->PolicyHash();
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
  const std::lock_guard lock(mutex_);
  absl::StatusOr<PolicySet> policies = LoadPolicies(config_);
  stats_.successful = policies.ok();
  if (!policies.ok()) return policies.status();
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
