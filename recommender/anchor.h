// Anchor: when the observed replica count, not our own last advice, is the base of a decision.
//
// Holding means holding our own advice: starting replicas are invisible for a minute or two and
// draining ones are still listed, so advising the observed count would cancel a change in flight.
//
//   no state                  the observed count
//   input gone for > hold     the largest of the previous advice, the observed count and the
//                             sizing: what returns first after an outage is a part of the fleet
//   observed count differs    more: taken over. Fewer: followed, as any scale-in is made: step by
//   for > adopt_after         step, all in-rules known, not below the need of the in-window, and
//                             never below the observed count
//
// Heartbeats that vanish look like a scale-in by hand. So a count that falls at once, to less than
// kSuddenShare of what was seen within max_gap and below our advice, is an outage until it has
// lasted an in-window; only then does the time to adoption begin.
#pragma once

#include "recommender/assess.h"
#include "recommender/policy.h"
#include "recommender/readings.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

inline constexpr double kSuddenShare = 0.75;

// Before the assessment: first tick, or return of the input after a long silence (which also
// forgets the demand seen before it; then true). `usable`: the sample says something.
bool AnchorIfLost(const InputPolicy& policy, const SampleReadings& sample, bool usable,
                  const ReplicaPolicy& bounds, absl::Time now, ServiceState& state,
                  Recommendation& report);

// Notes the observed count, and in `outage_since` whether replicas vanished at once.
void WatchForOutage(const InputPolicy& policy, const SampleReadings& sample,
                    absl::Duration in_window, absl::Time now, ServiceState& state);

// After the assessment. Takes over more replicas than advised; the count to follow when there are
// fewer, nullopt when there is none.
std::optional<int> AdoptIfMoved(const InputPolicy& policy, const SampleReadings& sample,
                                const ReplicaPolicy& bounds, bool may_shrink, absl::Time now,
                                ServiceState& state, Recommendation& report);

}  // namespace chatscale::recommender
