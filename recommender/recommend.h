// Recommendations: how many replicas each service should have, and why.
//
//   Policy policy;                       // or read from a file through policy_fields.h
//   State state;                         // empty: start from the observed counts
//   Step step = Recommend(policy, std::move(state), signals);
//   step.recommendations.ingress.desired;     // nullopt = no recommendation
//   Explain(step.recommendations.proc);       // explain.h: one sentence about proc
//   state = std::move(step.state);       // for the next evaluation
//
// Pure and deterministic: live serving, replay and tests run the same code. Both services are
// decided together because they share connections. The clock may stand still or jump: after a jump
// back, no time has passed.
#pragma once

#include "recommender/policy.h"
#include "recommender/recommendation.h"
#include "recommender/service.h"
#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale::recommender {

struct Step {
  State state;
  PerService<Recommendation> recommendations;
};

// Requires: Validate(policy) is empty.
Step Recommend(const Policy& policy, State state, const Signals& signals);

// The same, in place.
PerService<Recommendation> RecommendInPlace(const Policy& policy, const Signals& signals,
                                            State& state);

}  // namespace chatscale::recommender
