// The main job: collect and serve until a signal ends it.
#pragma once

#include <string>
#include <vector>

#include "exporter/app/config.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/policy_file.h"

namespace chatscale {

// Where a process on this host reaches the server.

bool ListensEverywhere(const Config& config);

// Of the landing page, with a "/" at the end.
std::string ListenUrl(const Config& config, int port, bool https);

// Returns the exit code. Call before any thread is started: it blocks the signals it waits for.
// `settings` are what the page shows of the configuration.
int Serve(const Config& config, PolicySet policies, std::vector<ShownSetting> settings);

}  // namespace chatscale
