// `chatscale check`: whether `serve` would start, without starting or connecting to anything.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "exporter/advisor/policy/policy_file.h"
#include "exporter/config/config.h"

namespace chatscale {

// Prints the policy in effect, with the overrides; what is wrong goes to `errors`. The exit code:
// 0, or 2 where `serve` would refuse to start.
int Check(const Config& config, const PolicySet& policies,
          const std::vector<std::string>& ignored_variables, std::ostream& out,
          std::ostream& errors);

}  // namespace chatscale
