// Snapshot of one target from its TargetState. Pure.
#pragma once

#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/redis/target_state.h"

namespace chatscale::redis {

// Decimal rounding as Python's round(x, n): of the exact binary value, ties to even.
double RoundTo(double value, int decimals);  // decimals 0..9

// How the queue's capacity is derived from the processes of the capacity source.
CapacityTransparency TransparencyOf(const TargetState& state);

// Sentences for people: missing processes, poor health, instances that do no work.
std::vector<std::string> CapacityWarnings(const TargetState& state);

DbConnections DbConnectionsOf(const TargetState& state);

Snapshot SnapshotOf(const TargetState& state);

}  // namespace chatscale::redis
