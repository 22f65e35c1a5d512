// Starting count: the observed count from which the first recommendation starts. Afterwards it
// moves by rules alone: other observed replicas (a rollout, another Deployment, ending pods) are
// reported and never adopted, as an HPA ignores replicas that it did not order.
//
//   no state                none until the first view is complete (below); then the highest count
//                           within a heartbeat timeout, because Redis may evict heartbeats
//   input missing > hold    the larger of the previous recommendation and the observed count: after
//                           an outage, a part of the fleet returns first
//
// In both cases at least what the work needs, as far as the guard rails allow.
//
// The first view is complete once a heartbeat timeout has passed since the first heartbeat and the
// count has not grown for a start-up time (learned, else kStartupSeconds), and after an in-window
// in any case. Where work waits and no replica appears within a heartbeat timeout, the minimum
// applies.
//
// Vanishing heartbeats look like a manual scale-in. A sudden drop to less than kSuddenShare of the
// count within max_gap, and below the recommendation, is an outage until it has lasted an
// in-window.
#pragma once

#include "recommender/assess.h"
#include "recommender/checked_signals.h"
#include "recommender/policy.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

inline constexpr double kSuddenShare = 0.75;
inline constexpr absl::Duration kHeartbeatTimeout = absl::Seconds(45);
inline constexpr double kStartupSeconds = 90;
// A difference between observed and recommended count is reported after this time.
inline constexpr absl::Duration kReportDifference = absl::Minutes(10);
// A surplus is reported above this share of the recommendation, and from one replica on.
inline constexpr double kSurplusShare = 0.25;

// Before the assessment: records the sample. Returns true after a silence longer than the hold, and
// then clears older state. `usable`: the sample has figures of this service.
bool NoteSample(const InputPolicy& policy, const CheckedSample& sample, bool usable, absl::Time now,
                ServiceState& state);

struct StartInput {
  absl::Duration in_window;
  ReplicaPolicy bounds;
  bool work = false;  // some work is known to exist
  bool lost = false;  // result of NoteSample
};

// After the assessment of a usable sample: sets the starting count and returns true, where there is
// none or the input was lost. While the first view is incomplete, `report` gets its start and end.
bool StartFromObserved(const CheckedSample& sample, const StartInput& input, absl::Time now,
                       ServiceState& state, Recommendation& report);

// Records the observed count; sets `outage_since` when replicas vanish suddenly.
void DetectOutage(const InputPolicy& policy, const CheckedSample& sample, absl::Duration in_window,
                  absl::Time now, ServiceState& state);

// Reports a lasting surplus or shortage of observed replicas.
void DetectDifference(const CheckedSample& sample, absl::Time now, ServiceState& state,
                      Recommendation& report);

}  // namespace chatscale::recommender
