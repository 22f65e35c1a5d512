// `chatscale healthcheck`: whether the server of the same configuration answers, for containers
// that hold no other client.
#pragma once

#include <ostream>

#include "exporter/config/config.h"

namespace chatscale {

// Asks /-/healthy. Returns the exit code: 0, or 1 with the reason on `errors`.
int CheckHealth(const Config& config, std::ostream& errors);

}  // namespace chatscale
