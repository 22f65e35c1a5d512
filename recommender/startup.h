// How long a replica takes to start: from the advice to one more that is observed.
//
// So everything counts that a scale-out has to wait for: the autoscaler's poll, the node, the
// image, the first heartbeat. Measured where nothing else moves: the fleet is as large as advised
// when a scale-out is advised, and until it has shown no replica goes. Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "recommender/policy.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

struct StartupMemory {
  std::optional<absl::Time> asked_at;  // a scale-out that has not shown yet
  int before = 0;                      // replicas then
  std::vector<double> seconds;         // of the last ones, newest last

  friend bool operator==(const StartupMemory&, const StartupMemory&) = default;
};

// The advice changed to `advised`; `before`: what was advised until now.
void NoteChange(int before, int advised, std::optional<int> current, absl::Time now,
                StartupMemory& memory);

// Notes one tick. What takes longer than a quarter of an hour says that nobody follows the advice.
void LearnStartup(std::optional<int> current, absl::Time now, StartupMemory& memory);

// Three in four of the last 15 were faster. nullopt until three are known.
MaybeNumber StartupSeconds(const StartupMemory& memory);

// As the policy says; where it says "auto", what was learned.
absl::Duration LeadOf(const Lead& lead, MaybeNumber startup_seconds);

}  // namespace chatscale::recommender
