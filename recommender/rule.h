// A rule: signal, comparison, threshold, duration. Three-valued in, three phases out.
//
//   kInactive --(true)--> kPending --(true for `duration`, enough of it measured)--> kFiring
//       ^                     |                                                        |
//       +------(false, or nothing measured for longer than `max_gap`)-----------------+
//
// Terms follow Prometheus alerting rules. Timestamps, not tick counters: how often it is evaluated
// changes nothing. Pure.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

enum class Truth : std::uint8_t { kUnknown, kFalse, kTrue };
enum class Phase : std::uint8_t { kInactive, kPending, kFiring };
enum class Comparison : std::uint8_t { kAbove, kAtLeast, kBelow, kAtMost };

struct RulePolicy {
  double threshold = 0;     // in the signal's base unit
  absl::Duration duration;  // the policy file calls it `for`
  bool enabled = true;
  double dead_band = 0;   // share of the threshold a firing rule may fall back by
  absl::Duration window;  // of a rule that compares a mean
};

// What was measured. `at_least`: the truth is this or worse (the head of a queue nobody serves).
struct Reading {
  MaybeNumber value;
  bool at_least = false;
};

struct RuleState {
  Phase phase = Phase::kInactive;
  Truth truth = Truth::kUnknown;               // of the newest evaluation
  absl::Time since = absl::InfinitePast();     // pending, firing: true since; else inactive
  absl::Time known_at = absl::InfinitePast();  // newest evaluation that was not unknown
  absl::Time seen_at = absl::InfinitePast();   // newest evaluation
  absl::Duration unknown_for;                  // unmeasured part of seen_at - since
  // The definition this state belongs to. When the policy's differs, the rule starts afresh; when
  // it does not, its pending time survives the reload.
  double threshold = 0;
  absl::Duration duration;
  bool enabled = false;

  friend bool operator==(const RuleState&, const RuleState&) = default;
};

// How much silence a rule bears.
struct GapPolicy {
  absl::Duration max_gap = absl::Minutes(2);
  double min_coverage = 0.8;  // share of the duration that must have been measured
};

// Truth of `reading` against the threshold. `firing` widens the threshold by the dead band.
Truth Evaluate(const RulePolicy& policy, Comparison comparison, const Reading& reading,
               bool firing);

// How often is measured: a sample stands for the time since the one before it, for `stands_for` at
// most. A duration is over within `tolerance`, not one interval later by chance.
struct Cadence {
  absl::Duration stands_for = absl::InfiniteDuration();
  absl::Duration tolerance;
};

// One evaluation, in place. Requires: `now` is not earlier than at the previous one.
void Advance(const RulePolicy& policy, const GapPolicy& gaps, const Cadence& cadence, Truth truth,
             absl::Time now, RuleState& state);

}  // namespace chatscale::recommender
