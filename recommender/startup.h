// Start-up time of a replica: from the recommendation to one more observed replica.
//
// It covers all that a scale-out waits for: the autoscaler's poll, the node, the image, the first
// heartbeat. Measured only where nothing else moves: the observed count equals the recommendation
// when a scale-out begins, and no replica goes before the new one appears. Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "recommender/policy.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

struct StartupMemory {
  std::optional<absl::Time> asked_at;  // pending scale-out
  int before = 0;                      // replicas at that time
  std::vector<double> seconds;         // measured start-up times, newest last

  friend bool operator==(const StartupMemory&, const StartupMemory&) = default;
};

// Records a change of the recommendation from `before` to `recommended`.
void NoteChange(int before, int recommended, std::optional<int> current, absl::Time now,
                StartupMemory& memory);

// Records one evaluation. A scale-out without effect for 15 minutes is dropped: nothing follows the
// recommendation.
void LearnStartup(std::optional<int> current, absl::Time now, StartupMemory& memory);

// 75th percentile of the last 15 start-up times, in seconds; nullopt until three are known.
MaybeNumber StartupSeconds(const StartupMemory& memory);

// The policy's duration; for "auto", the learned one once it is known.
absl::Duration LeadOf(const Lead& lead, MaybeNumber startup_seconds);

}  // namespace chatscale::recommender
