// Commands that connect to nothing but ourselves: check, replay, healthcheck.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "exporter/app/config.h"
#include "exporter/recommendations/policy_file.h"
#include "exporter/recommendations/replay.h"

namespace chatscale {

// `chatscale check`: whether `serve` would start, without starting or connecting to anything.

// Prints the policy in effect, with the overrides; what is wrong goes to `errors`. The exit code:
// 0, or 2 where `serve` would refuse to start.
int Check(const Config& config, const PolicySet& policies,
          const std::vector<std::string>& ignored_variables, std::ostream& out,
          std::ostream& errors);

// `chatscale replay`: what would have been advised.

// `file` "-" is standard input. Answers go to standard output, errors to standard error. Returns
// the exit code.
int ReplayFile(const PolicySet& policies, const std::string& file, const ReplayOptions& options);

// `chatscale healthcheck`: whether the server of the same configuration answers, for containers
// that hold no other client.

// Asks /-/healthy. Returns the exit code: 0, or 1 with the reason on `errors`.
int CheckHealth(const Config& config, std::ostream& errors);

}  // namespace chatscale
