// Prometheus rules derived from a policy: alerts, recording rules, burn rates of the objective.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "exporter/recommendations/policy_file.h"
#include "recommender/policy.h"

namespace chatscale {

// FillRules expands a template of Prometheus rules for a policy. Expressions in << >>:
//
//   path              a policy field in Prometheus notation: 0.7, 2m
//   path + path       the sum of durations
//   percent path      a ratio in percent: 70
//   seconds path      a duration as a number
//   range path        a range that includes the samples at both ends, in Prometheus 2 and 3
//   ticks path        number of samples, one per kRuleInterval, that cover enough of that range
//   offset path       " offset 2m"; empty for 0
//   budget            1 - slo.objective
//   logarithm path    -ln of a ratio
//   scope             label matchers of the policy's targets, each followed by a comma
//   interval          kRuleInterval in seconds; also "smoothing" and "sudden_share", the
//                     recommender's constants
//   in_rules          number of the component's enabled in-rules
//   signal c.name     selector of a series of component c in recommender_rules.yml.in; also
//                     "record name c", "horizons name c", "need c now", "need c ahead",
//                     "rules c out", "rules c in"
//   name, runbook     suffix for group names; URL prefix of a runbook's section
//
// In a path, "@" is the component; "@.in_window" is the duration of its longest in-rule. Lines
// above an entry ("- alert:", "- record:") may say
//
//   #? path           only when that switch is on
//   #each component   once for ingress and once for proc; also <<component>>
//   #each window      once for each window of a burn rate; also <<window>>
//   #each rule        once for each enabled rule; also <<component>>, <<direction>>, <<rule>>,
//                     <<sizing>>, <<comparison>>, <<extreme>>, <<reading>>, and the paths
//                     rule.threshold and rule.for

inline constexpr absl::Duration kRuleInterval = absl::Seconds(15);

// Targets that share one policy.
struct RuleScope {
  std::string name;      // "" for the only scope
  std::string matchers;  // PromQL matchers, each followed by a comma
  const recommender::Policy* policy;
};

std::string FillRules(std::string_view rules, const RuleScope& scope);

// Escapes text for double quotes, in PromQL and in YAML.
std::string EscapedForQuotes(std::string_view text);

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
