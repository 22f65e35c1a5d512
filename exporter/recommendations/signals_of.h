// Snapshot -> what the recommender may look at. The one place where their vocabularies meet; live,
// replay and tests use it. Pure.
#pragma once

#include "exporter/model/snapshot.h"
#include "recommender/signals.h"

namespace chatscale {

struct SignalTimes {
  absl::Time now;                            // the instant to evaluate at
  PerService<std::optional<absl::Time>> at;  // when its values were true; nullopt: it was not read
};

// Capacity is the corrected one (queue_capacity.h).
recommender::Signals SignalsOf(const Snapshot& snapshot, const SignalTimes& times);

}  // namespace chatscale
