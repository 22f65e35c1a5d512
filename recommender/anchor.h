// Anchor: when the observed replica count, not our own last advice, is the base of a decision.
//
// Holding means holding our own advice: starting replicas are invisible for a minute or two and
// draining ones are still listed, so advising the observed count would cancel a change in flight.
// The observed count anchors us at the first tick without state, after the input was gone for
// longer than `hold`, and when it has differed from an unchanged advice for `adopt_after`.
#pragma once

#include "recommender/assess.h"
#include "recommender/policy.h"
#include "recommender/readings.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

// Before the assessment: first tick, or return of the input after a long silence (which also
// forgets the demand seen before it). `usable`: the sample says something.
void AnchorIfLost(const InputPolicy& policy, const SampleReadings& sample, bool usable,
                  const ReplicaPolicy& bounds, absl::Time now, ComponentState& state,
                  Recommendation& report);

// After the assessment. Taking over fewer replicas needs what a scale-in needs: a complete input,
// a full in-window, and no fewer than the highest need of that window asks for.
void AdoptIfMoved(const InputPolicy& policy, const SampleReadings& sample, bool may_shrink,
                  const SizingReport& sizing, absl::Time now, ComponentState& state,
                  Recommendation& report);

}  // namespace chatscale::recommender
