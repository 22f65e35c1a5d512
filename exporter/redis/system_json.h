// The `/monitoring/system` document of a TargetState, in the upstream's shape. Pure.
//
// Capacity, pressure and states are the corrected ones. `chatscale` holds what the upstream has no
// field for, and the capacity as the upstream computes it. Unknown numbers are null.
#pragma once

#include <string>
#include <string_view>

#include "exporter/redis/target_state.h"

namespace chatscale::redis {

std::string SystemJson(const TargetState& state);

// The upstream's defaults for the configuration sections that are only passed on: a JSON object
// with one member per section.
std::string_view GatewayDefaultsJson();

}  // namespace chatscale::redis
