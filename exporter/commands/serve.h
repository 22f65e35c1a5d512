// The main job: collect and serve until a signal ends it.
#pragma once

#include <vector>

#include "exporter/advisor/policy/policy_file.h"
#include "exporter/config/config.h"
#include "exporter/model/view.h"

namespace chatscale {

// Returns the exit code. Call before any thread is started: it blocks the signals it waits for.
// `settings` are what the page shows of the configuration.
int Serve(const Config& config, PolicySet policies, std::vector<ShownSetting> settings);

}  // namespace chatscale
