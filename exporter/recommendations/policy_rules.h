// Prometheus rules derived from a policy: alerts, recording rules, burn rates of the objective.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "exporter/recommendations/policy_file.h"

namespace chatscale {

inline constexpr absl::Duration kRuleInterval = absl::Seconds(15);

// Rule files of `chatscale rules`, whose numbers come from a policy. Templates: *_rules.yml.in.
enum class RuleFile {
  kAlerts,       // rules/policy.yml
  kRecommender,  // rules/recommender.yml: the policy itself as recording rules
  kSlo,          // rules/slo.yml: burn rates of the objective
};

// One group for the base policy, and one for each set of targets with an override; together they
// cover every target exactly once.
std::string PolicyRules(RuleFile file, const PolicySet& policies);

}  // namespace chatscale
