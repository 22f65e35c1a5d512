// TargetState -> the text of a `/monitoring/system` document, in the upstream's shape (contract
// section 5). Pure.
//
// Capacity, pressure and states are the corrected ones; `chatscale` holds what the upstream has no
// field for, the upstream's own capacity among it. Numbers we do not know are null.
#pragma once

#include <string>
#include <string_view>

#include "exporter/redis/target_state.h"

namespace chatscale::redis {

std::string SystemJson(const TargetState& state);

// The upstream's built-in values of the configuration sections that we only pass on.

// A JSON object, one member per section.
std::string_view GatewayDefaultsJson();

}  // namespace chatscale::redis
