#include "recommender/anchor.h"

#include <algorithm>

namespace chatscale::recommender {

bool AnchorIfLost(const InputPolicy& policy, const SampleReadings& sample, bool usable,
                  const ReplicaPolicy& bounds, absl::Time now, ServiceState& state,
                  Recommendation& report) {
  if (!usable) return false;
  const bool first = state.last_sample == absl::InfinitePast();
  const bool lost = !first && now - state.last_sample > policy.hold;
  if (lost) {
    // The rules notice the gap themselves.
    state.differs_since.reset();
    state.covered_since = absl::InfiniteFuture();
    state.need_known_at = absl::InfinitePast();
    state.changes.clear();
  }
  state.last_sample = std::max(state.last_sample, std::min(now, now - sample.age));
  // No healthy replica is an incident, not a count to start from.
  const int observed = sample.current.value_or(0);
  if (observed == 0 || (state.desired.has_value() && !lost)) return lost;
  state.desired = std::clamp(std::max(observed, state.desired.value_or(0)), bounds.min, bounds.max);
  report.notes.Add(first ? Reason::kStarted : Reason::kResumed);
  return lost;
}

void WatchForOutage(const InputPolicy& policy, const SampleReadings& sample,
                    absl::Duration in_window, absl::Time now, ServiceState& state) {
  if (!sample.current.has_value() || !state.desired.has_value()) return;
  const double current = *sample.current;
  state.seen.Add(now, current, policy.gaps.max_gap);
  const double before = state.seen.Max(now, policy.gaps.max_gap).value_or(current);
  const bool missing = current < *state.desired;
  if (missing && current < kSuddenShare * before && !state.outage_since.has_value()) {
    state.outage_since = now;
    state.outage_from = before;
  }
  if (!state.outage_since.has_value()) return;
  const bool back = !missing || current >= kSuddenShare * state.outage_from;
  if (back || now - *state.outage_since >= in_window) state.outage_since.reset();
}

std::optional<int> AdoptIfMoved(const InputPolicy& policy, const SampleReadings& sample,
                                const ReplicaPolicy& bounds, bool may_shrink, absl::Time now,
                                ServiceState& state, Recommendation& report) {
  if (!state.desired.has_value() || sample.current.value_or(0) == 0) return std::nullopt;
  const int current = *sample.current;
  if (current == *state.desired || state.outage_since.has_value()) {
    state.differs_since.reset();
    return std::nullopt;
  }
  if (!state.differs_since.has_value()) state.differs_since = now;
  if (now - *state.differs_since < policy.adopt_after) return std::nullopt;
  if (current < *state.desired) return may_shrink ? std::optional(current) : std::nullopt;
  const int adopted = std::max(*state.desired, std::min(current, bounds.max));
  if (adopted == *state.desired) return std::nullopt;
  state.desired = adopted;
  state.differs_since.reset();
  report.notes.Add(Reason::kAdopted);
  return std::nullopt;
}

}  // namespace chatscale::recommender
