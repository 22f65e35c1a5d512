// Guard rails: Proposal -> Proposal. Each appends its reason when it changed something (stale
// input: always).
//
// Order: Stabilize -> LimitStep -> Clamp -> LimitConnections (connections.h) -> HoldWhenBlind.
// `last` is our previous advice: a proposal above it grows, below it shrinks. Pure.
#pragma once

#include <optional>
#include <vector>

#include "recommender/policy.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

struct Proposal {
  int replicas = 0;
  ReasonList because;
};

struct StabilizationInput {
  std::optional<int> highest;  // replicas the highest need of the in-window asks for
  std::optional<int> lowest;   // replicas the lowest need of the out window asks for; nullopt: off
  bool full_window = false;    // enough of the in-window has been observed
  bool after_out = false;      // a scale-out was a moment ago
  double min_change = 0;
};
Proposal Stabilize(Proposal proposal, int last, const StabilizationInput& input);

// `changes`: our own changes, newest last.
Proposal LimitStep(Proposal proposal, int last, const std::vector<Change>& changes,
                   const StepPolicy& out, const StepPolicy& in, absl::Time now);

// Within the bounds in effect: the policy's, or a person's for a while.
ReplicaPolicy BoundsAt(const ReplicaPolicy& policy, absl::Time now);
Proposal Clamp(Proposal proposal, const ReplicaPolicy& bounds);

// What the sample lacks. Any of them forbids a scale-in; some forbid every change.
struct Blindness {
  bool stale = false;        // nothing usable: no change at all
  bool no_replicas = false;  // observed count is 0: no change at all
  bool partial = false;      // some value is missing or unreadable: no scale-in
  bool outage = false;       // replicas vanished at once: no scale-in
  bool lost_work = false;    // tasks leave the queue without a run: no scale-in
};
Proposal HoldWhenBlind(Proposal proposal, int last, const Blindness& blindness,
                       const ReplicaPolicy& bounds);

}  // namespace chatscale::recommender
