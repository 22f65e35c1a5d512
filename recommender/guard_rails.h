// Guard rails: limits on a proposal. Each takes a Proposal, returns one, and appends its reason
// when it changed something (stale input: always).
//
// Order: Stabilize -> LimitStep -> Clamp -> LimitConnections (connections.h) -> HoldOnBadInput.
// `last` is the previous recommendation: a proposal above it grows, one below it shrinks. Pure.
#pragma once

#include <optional>
#include <vector>

#include "recommender/policy.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

struct Proposal {
  int replicas = 0;
  ReasonList reasons;
};

struct StabilizationInput {
  std::optional<int> highest;  // replicas for the highest need of the in-window
  std::optional<int> lowest;   // replicas for the lowest need of the out window; nullopt: off
  bool full_window = false;    // enough of the in-window was measured
  bool after_out = false;      // the last scale-out is more recent than the policy's in.after_out
  double min_change = 0;
};
Proposal Stabilize(Proposal proposal, int last, const StabilizationInput& input);

// `changes`: changes of the recommendation, newest last.
Proposal LimitStep(Proposal proposal, int last, const std::vector<Change>& changes,
                   const StepPolicy& out, const StepPolicy& in, absl::Time now);

// The bounds in effect: the policy's, or those of a temporary override.
ReplicaPolicy BoundsAt(const ReplicaPolicy& policy, absl::Time now);
Proposal Clamp(Proposal proposal, const ReplicaPolicy& bounds);

// Problems of the sample. Each forbids a scale-in; some forbid every change.
struct InputProblems {
  bool stale = false;        // no usable sample: no change at all
  bool no_replicas = false;  // observed count is 0: no change at all
  bool partial = false;      // some value is missing or unreadable: no scale-in
  bool outage = false;       // replicas vanished suddenly: no scale-in
  bool lost_work = false;    // most tasks leave the queue without a run: no scale-in
};
Proposal HoldOnBadInput(Proposal proposal, int last, const InputProblems& problems,
                        const ReplicaPolicy& bounds);

}  // namespace chatscale::recommender
