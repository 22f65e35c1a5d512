// Snapshot -> what the recommender may look at. The one place where their vocabularies meet; live,
// replay and tests use it. Pure.
#pragma once

#include "exporter/core/snapshot.h"
#include "recommender/signals.h"

namespace chatscale {

// `ingress_at`, `proc_at`: when that side's values were true; nullopt: that side was not read.
// `now`: the instant to evaluate at. Capacity is the corrected one (queue_capacity.h).
struct SignalTimes {
  absl::Time now;
  std::optional<absl::Time> ingress_at;
  std::optional<absl::Time> proc_at;
};

recommender::Signals SignalsOf(const Snapshot& snapshot, const SignalTimes& times);

}  // namespace chatscale
