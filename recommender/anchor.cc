#include "recommender/anchor.h"

#include <algorithm>

#include "recommender/sizing.h"

namespace chatscale::recommender {

void AnchorIfLost(const InputPolicy& policy, const SampleReadings& sample, bool usable,
                  const ReplicaPolicy& bounds, absl::Time now, ComponentState& state,
                  Recommendation& report) {
  if (!usable) return;
  const bool first = state.last_sample == absl::InfinitePast();
  const std::optional<int> before = state.desired;
  if (!first && now - state.last_sample > policy.hold) {
    // The rules notice the gap themselves.
    state.desired.reset();
    state.differs_since.reset();
    state.covered_since = absl::InfiniteFuture();
    state.need_known_at = absl::InfinitePast();
    state.changes.clear();
  }
  state.last_sample = std::max(state.last_sample, std::min(now, now - sample.age));
  // No healthy replica is an incident, not a count to start from.
  if (state.desired.has_value() || sample.current.value_or(0) == 0) return;
  // A partial sample may have missed replicas: it never lowers what was advised.
  const int floor = sample.partial ? before.value_or(0) : 0;
  state.desired = std::clamp(std::max(*sample.current, floor), bounds.min, bounds.max);
  report.notes.Add(first ? Reason::kStarted : Reason::kResumed);
}

void AdoptIfMoved(const InputPolicy& policy, const SampleReadings& sample, bool may_shrink,
                  const SizingReport& sizing, absl::Time now, ComponentState& state,
                  Recommendation& report) {
  if (!state.desired.has_value() || !sample.current.has_value() || *sample.current == 0) return;
  const int current = *sample.current;
  if (current == *state.desired) {
    state.differs_since.reset();
    return;
  }
  if (!state.differs_since.has_value()) state.differs_since = now;
  if (now - *state.differs_since < policy.adopt_after) return;
  int adopted = current;
  if (current < *state.desired) {
    if (!may_shrink) return;
    const int floor = ReplicasFor(sizing.window_need, sizing.per_replica).value_or(*state.desired);
    adopted = std::max(current, std::min(floor, *state.desired));
  }
  if (adopted == *state.desired) return;
  state.desired = adopted;
  state.differs_since.reset();
  report.notes.Add(Reason::kAdopted);
}

}  // namespace chatscale::recommender
