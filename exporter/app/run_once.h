// METRICS_RUN_ONCE: for a task that somebody else starts at regular intervals.
#pragma once

#include "exporter/app/config.h"
#include "exporter/recommendations/policy_file.h"

namespace chatscale {

// Collects, recommends and exports, once. 0; kFailed when a sink failed; kUsage when nothing was
// collected, as the service did that this replaces. What happened is in the log.
int RunOnce(const Config& config, PolicySet policies);

}  // namespace chatscale
