// Recommend: how many replicas each component should have, and why.
//
//   Policy policy;                       // or read from a file through policy_fields.h
//   State state;                         // empty: start from the observed counts
//   Step step = Recommend(policy, std::move(state), signals);
//   step.recommendations[0].desired;     // ingress; nullopt = no advice
//   Explain(step.recommendations[1]);    // explain.h: one sentence about proc
//   state = std::move(step.state);       // for the next tick
//
// Pure and deterministic: live, replay and tests run the same code. Both components are decided
// together because they share connections. Safe with a clock that stands still or jumps: on a jump
// back no time has passed.
#pragma once

#include <array>

#include "recommender/policy.h"
#include "recommender/recommendation.h"
#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale::recommender {

struct Step {
  State state;
  std::array<Recommendation, kComponentCount> recommendations;  // indexed by Component
};

// Requires: Validate(policy) is empty.
Step Recommend(const Policy& policy, State state, const Signals& signals);

}  // namespace chatscale::recommender
