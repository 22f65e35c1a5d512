// TargetState -> Snapshot. Pure.
#pragma once

#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/redis/target_state.h"

namespace chatscale::redis {

// Decimal rounding as Python's round(x, n): of the exact binary value, ties to even. Pure.

double RoundTo(double value, int decimals);  // decimals 0..9

// The capacity source explained (contract 4.3), and the connections to PostgreSQL (4.8). Pure.

CapacityTransparency TransparencyOf(const TargetState& state);

// Sentences for a person: missing processes, poor health, instances that do no work.
std::vector<std::string> CapacityWarnings(const TargetState& state);

DbConnections DbConnectionsOf(const TargetState& state);

Snapshot SnapshotOf(const TargetState& state);

}  // namespace chatscale::redis
