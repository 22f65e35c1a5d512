// Rule files for Prometheus whose numbers a policy decides: `chatscale rules`. Their text is
// *_rules.yml.in; see rule_template.h.
#pragma once

#include <string>

#include "exporter/advisor/policy/policy_file.h"

namespace chatscale {

enum class RuleFile {
  kAlerts,       // rules/policy.yml
  kRecommender,  // rules/recommender.yml: the policy itself as recording rules
  kSlo,          // rules/slo.yml: burn rates of the objective
};

// One group for the base policy and one for each set of targets that overrides single out; together
// they cover every target exactly once.
std::string PolicyRules(RuleFile file, const PolicySet& policies);

}  // namespace chatscale
