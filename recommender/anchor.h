// Anchor: the count that a recommendation starts from. Afterwards it moves by rules alone, as an
// HPA does with what it did not order: replicas observed beside it are a rollout, another
// Deployment or pods that end, and are reported, never taken over.
//
//   no state                none until the view can be whole (below); then the most that was
//                           observed within a heartbeat timeout: signs of life may be evicted
//   input gone for > hold   the larger of the previous recommendation and the observed count: what
//                           returns first after an outage is a part of the fleet
//
// and in both cases at least what the work needs, as far as the guard rails allow.
//
// The first view is whole once a heartbeat timeout has passed since the first heartbeat and the
// count has not grown for a start-up time (learned, else kStartupSeconds); after an in-window in
// any case. Where work waits and no replica shows within a heartbeat timeout, it begins with the
// minimum.
//
// Heartbeats that vanish look like a scale-in by hand. So a count that falls at once, to less than
// kSuddenShare of what was seen within max_gap and below the recommendation, is an outage until it
// has lasted an in-window.
#pragma once

#include "recommender/assess.h"
#include "recommender/policy.h"
#include "recommender/readings.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

inline constexpr double kSuddenShare = 0.75;
inline constexpr absl::Duration kHeartbeatTimeout = absl::Seconds(45);
inline constexpr double kStartupSeconds = 90;
// From then on a difference between observed and recommended count is reported.
inline constexpr absl::Duration kReportDifference = absl::Minutes(10);
// Observed above the recommendation by more than this share of it, and by at least one.
inline constexpr double kSurplusShare = 0.25;

// Before the assessment: notes the sample, and forgets what was before a silence longer than the
// hold; then true. `usable`: the sample says something.
bool NoteSample(const InputPolicy& policy, const SampleReadings& sample, bool usable,
                absl::Time now, ServiceState& state);

struct AnchorInput {
  absl::Duration in_window;
  ReplicaPolicy bounds;
  bool work = false;  // some is known to be there
  bool lost = false;  // what NoteSample said
};

// After the assessment of a usable sample: sets the anchor, where there is none or the input was
// lost; then true. While a first view is awaited, `report` says since when and until when at least.
bool Anchor(const SampleReadings& sample, const AnchorInput& input, absl::Time now,
            ServiceState& state, Recommendation& report);

// Notes the observed count, and in `outage_since` whether replicas vanished at once.
void WatchForOutage(const InputPolicy& policy, const SampleReadings& sample,
                    absl::Duration in_window, absl::Time now, ServiceState& state);

// Reports replicas that nobody recommended, or that do not come.
void WatchForDifference(const SampleReadings& sample, absl::Time now, ServiceState& state,
                        Recommendation& report);

}  // namespace chatscale::recommender
