// Signals of a snapshot: the only conversion from the exporter's model to the recommender's input,
// for live serving, replay and tests. Pure.
#pragma once

#include "exporter/model/snapshot.h"
#include "recommender/signals.h"

namespace chatscale {

struct SignalTimes {
  absl::Time now;                            // instant of the evaluation
  PerService<std::optional<absl::Time>> at;  // when a service's values held; nullopt: not read
};

// Uses EffectiveCapacity (exporter/model/capacity.h).
recommender::Signals SignalsOf(const Snapshot& snapshot, const SignalTimes& times);

}  // namespace chatscale
