// TargetState -> the text of a `/monitoring/system` document, in the upstream's shape (contract
// section 5). Pure.
//
// Capacity, pressure and states are the corrected ones; `chatscale` holds what the upstream has no
// field for, the upstream's own capacity among it. Numbers we do not know are null.
#pragma once

#include <string>

#include "exporter/sources/redis/state/target_state.h"

namespace chatscale::redis {

std::string SystemJson(const TargetState& state);

}  // namespace chatscale::redis
