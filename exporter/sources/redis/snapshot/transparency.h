// The capacity source explained (contract 4.3), and the connections to PostgreSQL (4.8). Pure.
#pragma once

#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/state/target_state.h"

namespace chatscale::redis {

CapacityTransparency TransparencyOf(const TargetState& state);

// Sentences for a person: missing processes, poor health, instances that do no work.
std::vector<std::string> CapacityWarnings(const TargetState& state);

DbConnections DbConnectionsOf(const TargetState& state);

}  // namespace chatscale::redis
