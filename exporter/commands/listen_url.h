// Where a process on this host reaches the server.
#pragma once

#include <string>

#include "exporter/config/config.h"

namespace chatscale {

bool ListensEverywhere(const Config& config);

// Of the landing page, with a "/" at the end.
std::string ListenUrl(const Config& config, int port, bool https);

}  // namespace chatscale
