// Rule: signal, comparison, threshold, duration. Three truth values, three phases.
//
//   kInactive --(true)--> kPending --(true for `duration`, enough of it measured)--> kFiring
//       ^                     |                                                        |
//       +------(false, or nothing measured for longer than `max_gap`)-----------------+
//
// Terms follow Prometheus alerting rules. State holds timestamps, not tick counters: the evaluation
// interval changes nothing. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

enum class PolicyUnit : std::uint8_t {
  kRatio,           // 1.0 = all
  kPercent,         // 100 = all
  kSeconds,         // number
  kTasksPerMinute,  // number
  kCount,           // number or whole number
  kDuration,        // text
  kLead,            // text, or "auto"
  kInstant,         // text, or "none"
  kSwitch           // true or false
};

// Durations in the text, seconds as numbers.
constexpr bool IsDuration(PolicyUnit unit) {
  return unit == PolicyUnit::kDuration || unit == PolicyUnit::kLead;
}

std::string_view UnitName(PolicyUnit unit);

// In the field's unit; durations in seconds, instants in Unix seconds. Both ends are inclusive.
struct Range {
  double low = 0;
  double high = 0;
};

// An empty range: the operating guide gives none.
inline constexpr Range kUndocumented{1, 0};

enum class Truth : std::uint8_t { kUnknown, kFalse, kTrue };
enum class Phase : std::uint8_t { kInactive, kPending, kFiring };
enum class Comparison : std::uint8_t { kAbove, kAtLeast, kBelow, kAtMost };

struct RulePolicy {
  double threshold = 0;     // in the signal's base unit
  absl::Duration duration;  // `for` in the policy file
  bool enabled = true;
  absl::Duration window;  // of a rule that compares a mean
};

// A measured value. `at_least`: a lower bound (the age of the oldest waiting task).
struct SignalValue {
  MaybeNumber value;
  bool at_least = false;
};

struct RuleState {
  Phase phase = Phase::kInactive;
  Truth truth = Truth::kUnknown;            // of the newest evaluation
  absl::Time since = absl::InfinitePast();  // pending, firing: true since; inactive: entered then
  absl::Time known_at = absl::InfinitePast();  // newest evaluation with a known truth
  absl::Time seen_at = absl::InfinitePast();   // newest evaluation
  absl::Duration unknown_for;                  // unmeasured part of seen_at - since
  // The definition that this state belongs to. The rule starts afresh when the policy's differs;
  // otherwise its pending time survives the reload.
  double threshold = 0;
  absl::Duration duration;
  bool enabled = false;

  friend bool operator==(const RuleState&, const RuleState&) = default;
};

// Gaps in the measurement that a rule tolerates.
struct GapPolicy {
  absl::Duration max_gap = absl::Minutes(2);
  double min_coverage = 0.8;  // share of the duration that must be measured
};

Truth Evaluate(double threshold, Comparison comparison, const SignalValue& signal);

// Evaluation interval: a sample covers the time since the previous one, at most `max_span`. A
// duration may be short by `tolerance`, so that jitter does not add a whole interval.
struct Cadence {
  absl::Duration max_span = absl::InfiniteDuration();
  absl::Duration tolerance;
};

// One evaluation, in place. Requires: `now` is not earlier than in the previous one.
void Advance(const RulePolicy& policy, const GapPolicy& gaps, const Cadence& cadence, Truth truth,
             absl::Time now, RuleState& state);

enum class Direction : std::uint8_t { kOut, kIn };

// The name in labels and policies.
constexpr const char* NameOf(Direction direction) {
  return direction == Direction::kOut ? "out" : "in";
}

// What a firing out-rule does when sizing finds the recommended count sufficient.
enum class WhenSizingSuffices : std::uint8_t {
  kHold,       // nothing: the signal lags or leads, and sizing is more accurate
  kAddReplica  // one replica: the measurement is more accurate; then wait for its effect
};

// The values that the rules compare, measured at one evaluation.
struct RuleSignals {
  SignalValue saturation, rest_latency;
  SignalValue pressure, utilization, mean_pressure, queue_wait, queue_growth, exec_latency;
  SignalValue pools;         // utilization of the fullest connection pool
  SignalValue started_wait;  // queue_wait of tasks that did start, where waiting tasks lack no
                             // slot; for scale-in
};

// A setting of a rule: allowed range, the guide's range, help.
struct RuleSetting {
  Range bounds;
  Range documented = kUndocumented;
  std::string_view help;  // what it does, and the guide's sentence that it comes from
};

struct RuleRow {
  std::string_view name;  // label value and policy key; the same in both directions
  Direction direction;
  std::string_view signal;  // for people: "queue wait p95"
  PolicyUnit unit;          // of the signal
  SignalValue RuleSignals::*value_of;
  Comparison comparison;
  WhenSizingSuffices when_sizing_suffices = WhenSizingSuffices::kHold;
  bool urgent = false;  // users wait too long: the service goes first when connections are short
  bool gates_scale_in = true;  // in: sufficient alone to restrict scale-in

  RulePolicy policy;  // the default: the operating guide's numbers
  RuleSetting threshold;
  RuleSetting duration = {};  // no help text: the rule has no duration
  RuleSetting window = {};    // no help text: the rule compares the current value
  std::string_view enabled_help = "Evaluate this rule.";

  // Values that the threshold must not cross, so that a change does not trigger the opposite rule:
  std::string_view sizing_target =
      {};  // policy field; above the in-threshold and below the out-threshold
  std::string_view below_out = {};  // in: the out-rule whose threshold is higher

  std::string_view recorded = name;  // its recorded signal in rules/recommender.yml
};

}  // namespace chatscale::recommender
