// Serve command: collects and serves until a signal ends it.
#pragma once

#include <string>
#include <vector>

#include "exporter/app/config.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/policy_file.h"

namespace chatscale {

// Whether the server listens on all interfaces.
bool ListensEverywhere(const Config& config);

// URL of the page for a client on this host, with a trailing "/".
std::string ListenUrl(const Config& config, int port, bool https);

// Returns the exit code. Call before any thread starts, because it blocks the signals for which it
// waits. `settings`: shown on the page.
int Serve(const Config& config, PolicySet policies, std::vector<ShownSetting> settings);

}  // namespace chatscale
