#include "recommender/rule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "recommender/rule_table.h"

namespace chatscale::recommender {

Truth Evaluate(double threshold, Comparison comparison, const SignalValue& signal) {
  if (!signal.value.has_value()) return Truth::kUnknown;
  const double value = *signal.value;
  const bool upward = comparison == Comparison::kAbove || comparison == Comparison::kAtLeast;
  const bool inclusive = comparison == Comparison::kAtLeast || comparison == Comparison::kAtMost;
  const bool beyond = upward ? value > threshold : value < threshold;
  const bool holds = beyond || (inclusive && value == threshold);
  // A lower bound proves "above" and refutes "below"; any other result is unknown.
  if (signal.at_least && holds != upward) return Truth::kUnknown;
  return holds ? Truth::kTrue : Truth::kFalse;
}

namespace {

void Restart(RuleState& state, Phase phase, absl::Time now) {
  state.phase = phase;
  state.since = now;
  state.unknown_for = absl::ZeroDuration();
}

void AdvanceTrue(const RulePolicy& policy, const GapPolicy& gaps, const Cadence& cadence,
                 RuleState& state, absl::Time now) {
  const bool silent = now - state.known_at > gaps.max_gap;
  const absl::Duration unknown =
      std::max(absl::ZeroDuration(), now - state.seen_at - cadence.max_span);
  // The gap is too long for any duration that includes it.
  const bool spoils =
      state.phase == Phase::kPending && unknown > policy.duration * (1 - gaps.min_coverage);
  if (state.phase == Phase::kInactive || silent || spoils) {
    Restart(state, Phase::kPending, now);
  } else {
    state.unknown_for += unknown;
  }
  if (state.phase == Phase::kFiring) return;
  const absl::Duration held = now - state.since;
  const bool measured = state.unknown_for <= held * (1 - gaps.min_coverage);
  if (held + cadence.tolerance >= policy.duration && measured) state.phase = Phase::kFiring;
  // Old gaps must not delay the rule any longer.
  if (!measured && held >= 2 * policy.duration) Restart(state, Phase::kPending, now);
}

void AdvanceFalse(RuleState& state, absl::Time now) {
  const bool first = state.known_at == absl::InfinitePast();
  if (state.phase != Phase::kInactive || first) Restart(state, Phase::kInactive, now);
}

void AdvanceUnknown(const GapPolicy& gaps, RuleState& state, absl::Time now) {
  if (state.phase == Phase::kInactive) return;
  state.unknown_for += now - state.seen_at;
  if (now - state.known_at > gaps.max_gap) Restart(state, Phase::kInactive, now);
}

}  // namespace

void Advance(const RulePolicy& policy, const GapPolicy& gaps, const Cadence& cadence, Truth truth,
             absl::Time now, RuleState& state) {
  if (state.threshold != policy.threshold || state.duration != policy.duration ||
      state.enabled != policy.enabled) {
    state = RuleState{};
    state.threshold = policy.threshold;
    state.duration = policy.duration;
    state.enabled = policy.enabled;
  }
  if (!policy.enabled) return;
  switch (truth) {
    case Truth::kTrue:
      AdvanceTrue(policy, gaps, cadence, state, now);
      break;
    case Truth::kFalse:
      AdvanceFalse(state, now);
      break;
    case Truth::kUnknown:
      AdvanceUnknown(gaps, state, now);
      break;
  }
  if (truth != Truth::kUnknown) state.known_at = now;
  state.truth = truth;
  state.seen_at = now;
}

std::string PathOf(Service service, const RuleRow& row) {
  return absl::StrCat(NameOf(service), ".", NameOf(row.direction), ".", std::string(row.name));
}

}  // namespace chatscale::recommender
