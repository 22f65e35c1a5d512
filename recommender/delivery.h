// A recommendation in the forms autoscalers read. Pure.
//
// Sources: HPA's dead band, kubernetes replica_calculator.go (isWithin, inclusive); CloudWatch
// target tracking needs a ratio that falls when capacity rises.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "recommender/recommendation.h"

namespace chatscale::recommender {

struct Delivery {
  std::optional<int> desired;      // replicas; nullopt: omit the series, never 0 or NaN
  std::optional<int> raw;          // replicas, before the guard rails
  std::optional<int> compensated;  // replicas, for an autoscaler with a 10 % dead band
  // 100 x desired / observed; nullopt when none observed. Replicas that run without our word (a
  // rollout's, another Deployment's) are not counted: nobody is told to cut because of them.
  std::optional<double> ratio_percent;
  bool valid = false;
  absl::Duration age = absl::InfiniteDuration();  // of the newest usable sample
};

Delivery DeliveryOf(const Recommendation& recommendation);

// The smallest count beyond the dead band [0.9, 1.1] x current that reaches `desired` or more: an
// autoscaler that ignores changes of 10 % ends at or above `desired`, at most 10 % + 1 too high.
// Where the autoscaler counts other replicas than `current` (one that starts, is not observed yet,
// or has just gone), its band lies elsewhere, and it may stay up to 10 % below `desired` until they
// agree. May exceed the policy's maximum by as much; the autoscaler's own maximum holds.
int CompensateForTolerance(int desired, int current);

}  // namespace chatscale::recommender
