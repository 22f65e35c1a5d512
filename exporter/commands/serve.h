// The main job: collect and serve until a signal ends it.
#pragma once

#include "exporter/advisor/policy/policy_file.h"
#include "exporter/config/config.h"

namespace chatscale {

// Returns the exit code. Call before any thread is started: it blocks the signals it waits for.
int Serve(const Config& config, PolicySet policies);

}  // namespace chatscale
