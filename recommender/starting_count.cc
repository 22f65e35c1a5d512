#include "recommender/starting_count.h"

#include <algorithm>

namespace chatscale::recommender {

namespace {

void WatchFirstView(int count, absl::Time now, FirstView& view) {
  if (!view.since.has_value()) {
    view = {.since = now, .grown_at = now, .count = count, .most = count};
    return;
  }
  // The view begins with the first heartbeat, not with the first look at an empty system.
  if (view.most == 0 && count > 0) view.since = now;
  // One replica that comes and goes is no growth; many that return are.
  const bool regrows = view.count < kSuddenShare * view.most;
  if (count > view.most || (count > view.count && regrows)) view.grown_at = now;
  view.count = count;
  view.most = std::max(view.most, count);
}

// When the view will be complete if the count does not grow until then.
absl::Time WholeAt(const FirstView& view, absl::Duration in_window, MaybeNumber startup_seconds) {
  const absl::Time heard = *view.since + kHeartbeatTimeout;
  if (view.most == 0) return heard;
  const absl::Duration startup = absl::Seconds(startup_seconds.value_or(kStartupSeconds));
  return std::min(std::max(heard, view.grown_at + startup),
                  std::max(heard, *view.since + in_window));
}

}  // namespace

bool NoteSample(const InputPolicy& policy, const CheckedSample& sample, bool usable, absl::Time now,
                ServiceState& state) {
  if (!usable) return false;
  const bool first = state.last_sample == absl::InfinitePast();
  const absl::Duration silence = now - state.last_sample;
  const bool lost = !first && silence > policy.hold;
  if (silence > policy.gaps.max_gap) {
    state.view = {};
    state.overrun_since.reset();
  }
  if (lost) {
    // The rules detect the gap themselves.
    state.surplus_since.reset();
    state.shortage_since.reset();
    state.covered_since = absl::InfiniteFuture();
    state.need_known_at = absl::InfinitePast();
    state.changes.clear();
  }
  state.last_sample = std::max(state.last_sample, std::min(now, now - sample.age));
  return lost;
}

bool StartFromObserved(const CheckedSample& sample, const StartInput& input, absl::Time now,
                       ServiceState& state, Recommendation& report) {
  if (!sample.current.has_value()) return false;
  const int observed = *sample.current;
  const auto start = [&](int count, Reason why) {
    state.desired = std::clamp(count, input.bounds.min, input.bounds.max);
    state.ordered = *state.desired;
    state.view = {};
    report.notes.Add(why);
    return true;
  };
  if (state.desired.has_value()) {
    return input.lost && start(std::max(observed, *state.desired), Reason::kResumed);
  }
  // Includes replicas whose heartbeat key was evicted a moment ago.
  state.seen.Add(now, observed, kHeartbeatTimeout);
  const int seen = static_cast<int>(state.seen.Max(now, kHeartbeatTimeout).value_or(observed));
  WatchFirstView(observed, now, state.view);
  const absl::Time whole_at = WholeAt(state.view, input.in_window, report.sizing.startup_seconds);
  if (state.view.most == 0 && !input.work) return false;  // no replica, and none needed
  if (now >= whole_at) {
    // If all replicas have vanished since, that is an outage and not a starting count.
    return start(seen > 0 ? seen : state.view.most, Reason::kStarted);
  }
  report.limited.Add(Reason::kFirstView);
  report.view_since = state.view.since;
  report.view_until = whole_at;
  return false;
}

void DetectOutage(const InputPolicy& policy, const CheckedSample& sample, absl::Duration in_window,
                  absl::Time now, ServiceState& state) {
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

void DetectDifference(const CheckedSample& sample, absl::Time now, ServiceState& state,
                      Recommendation& report) {
  if (!sample.current.has_value() || !state.desired.has_value()) return;
  const int more = *sample.current - *state.desired;
  // A scale-in is complete once its replicas are gone; until then they count as ordered.
  if (more <= 0) state.ordered = *state.desired;
  const auto watch = [&](bool differs, std::optional<absl::Time>& since, Reason reason) {
    if (!differs) since.reset();
    if (differs && !since.has_value()) since = now;
    if (differs && now - *since >= kReportDifference) report.notes.Add(reason);
  };
  watch(more > kSurplusShare * *state.desired && more >= 1, state.surplus_since, Reason::kSurplus);
  watch(more < 0, state.shortage_since, Reason::kShortage);
}

}  // namespace chatscale::recommender
