// TargetState -> Snapshot. Pure.
#pragma once

#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/state/target_state.h"

namespace chatscale::redis {

Snapshot SnapshotOf(const TargetState& state);

}  // namespace chatscale::redis
