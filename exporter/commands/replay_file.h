// `chatscale replay`: what would have been advised.
#pragma once

#include <string>

#include "exporter/advisor/policy/policy_file.h"
#include "exporter/advisor/replay/replay.h"

namespace chatscale {

// `file` "-" is standard input. Answers go to standard output, errors to standard error. Returns
// the exit code.
int ReplayFile(const PolicySet& policies, const std::string& file, const ReplayOptions& options);

}  // namespace chatscale
