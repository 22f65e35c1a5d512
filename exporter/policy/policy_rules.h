// The alert rules whose thresholds and durations a policy decides, as a rule file for Prometheus:
// `chatscale rules`. Their text is policy_rules.yml.in, where << >> holds
//
//   path            a policy field as Prometheus writes it: 0.7, 2m
//   path + path     the sum of durations
//   percent path    a ratio as "70%"
//   seconds path    a duration as a number
//   scope           label matchers, each with a comma after it, of the targets the policy is for
//   name, runbook   a suffix for group names, the address before a runbook's section
//
// and a line "#? path" drops the alert after it when that switch is off.
#pragma once

#include <string>

#include "exporter/policy/policy_file.h"

namespace chatscale {

// One group for the base policy and one for each set of targets that overrides single out; together
// they cover every target exactly once.
std::string PolicyRules(const PolicySet& policies);

}  // namespace chatscale
