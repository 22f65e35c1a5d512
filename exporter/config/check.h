// Faults that lie in settings together, not in one alone. Pure, but for looking at named files.
#pragma once

#include <string>
#include <vector>

#include "exporter/config/config.h"

namespace chatscale {

// One line each: the variable, the value, what is allowed. Empty when all is well.
std::vector<std::string> CheckTogether(const Config& config);

}  // namespace chatscale
