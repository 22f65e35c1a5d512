// The rules for Prometheus that a policy implies: alerts, recommender, objectives.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "exporter/recommendations/policy_file.h"
#include "recommender/policy.h"

namespace chatscale {

// A template of Prometheus rules, filled in from a policy. << >> holds
//
//   path              a policy field as Prometheus writes it: 0.7, 2m
//   path + path       the sum of durations
//   percent path      a ratio in percent: 70
//   seconds path      a duration as a number
//   range path        a range that holds the samples at both its ends, in Prometheus 2 and 3
//   ticks path        samples, one each kRuleInterval, that cover enough of that range
//   offset path       " offset 2m"; nothing when it is 0
//   budget            1 - slo.objective
//   logarithm path    -ln of a ratio
//   scope             label matchers, each with a comma after it, of the targets the policy is for
//   interval          kRuleInterval in seconds; also "smoothing" and "sudden_share", the
//                     recommender's constants
//   in_rules          how many rules of the component guard its scale-in
//   signal c.name     what recommender_rules.yml.in records, of component c; also "record name c",
//                     "horizons name c", "need c now", "need c ahead", "rules c out", "rules c in"
//   name, runbook     a suffix for group names, the address before a runbook's section
//
// Of a path, "@" is the component; "@.in_window" is a duration too, that of the longest in-rule.
// The lines above an entry ("- alert:", "- record:") may say
//
//   #? path           only when that switch is on
//   #each component   once for ingress and once for proc; also <<component>>
//   #each window      once for each window of a burn rate; also <<window>>
//   #each rule        once for each rule that is on; also <<component>>, <<direction>>, <<rule>>,
//                     <<sizing>>, <<comparison>>, <<extreme>>, <<reading>>, and rule.threshold and
//                     rule.for as paths

inline constexpr absl::Duration kRuleInterval = absl::Seconds(15);

// Targets that share one policy.
struct RuleScope {
  std::string name;      // "" when there is one scope only
  std::string matchers;  // of PromQL, each with a comma after it
  const recommender::Policy* policy;
};

std::string FillRules(std::string_view rules, const RuleScope& scope);

// What stands between double quotes, of PromQL as of YAML.
std::string EscapedForQuotes(std::string_view text);

// Rule files for Prometheus whose numbers a policy decides: `chatscale rules`. Their text is
// *_rules.yml.in; see rule_template.h.

enum class RuleFile {
  kAlerts,       // rules/policy.yml
  kRecommender,  // rules/recommender.yml: the policy itself as recording rules
  kSlo,          // rules/slo.yml: burn rates of the objective
};

// One group for the base policy and one for each set of targets that overrides single out; together
// they cover every target exactly once.
std::string PolicyRules(RuleFile file, const PolicySet& policies);

}  // namespace chatscale
