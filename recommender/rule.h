// A rule: signal, comparison, threshold, duration. Three-valued in, three phases out.
//
//   kInactive --(true)--> kPending --(true for `duration`, enough of it measured)--> kFiring
//       ^                     |                                                        |
//       +------(false, or nothing measured for longer than `max_gap`)-----------------+
//
// Terms follow Prometheus alerting rules. Timestamps, not tick counters: how often it is evaluated
// changes nothing. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

// Units and bounds of what a policy sets.

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

// In the field's unit; durations in seconds, instants in Unix seconds. Both ends inclusive.
struct Range {
  double low = 0;
  double high = 0;
};

// No value at all: the operating guide gives no range.
inline constexpr Range kUndocumented{1, 0};

enum class Truth : std::uint8_t { kUnknown, kFalse, kTrue };
enum class Phase : std::uint8_t { kInactive, kPending, kFiring };
enum class Comparison : std::uint8_t { kAbove, kAtLeast, kBelow, kAtMost };

struct RulePolicy {
  double threshold = 0;     // in the signal's base unit
  absl::Duration duration;  // the policy file calls it `for`
  bool enabled = true;
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

Truth Evaluate(double threshold, Comparison comparison, const Reading& reading);

// How often is measured: a sample stands for the time since the one before it, for `stands_for` at
// most. A duration is over within `tolerance`, not one interval later by chance.
struct Cadence {
  absl::Duration stands_for = absl::InfiniteDuration();
  absl::Duration tolerance;
};

// One evaluation, in place. Requires: `now` is not earlier than at the previous one.
void Advance(const RulePolicy& policy, const GapPolicy& gaps, const Cadence& cadence, Truth truth,
             absl::Time now, RuleState& state);

// What a rule consists of: one row says all of it. The rows are in rule_table.h.

enum class Direction : std::uint8_t { kOut, kIn };

// As labels and policies have it.
constexpr const char* NameOf(Direction direction) {
  return direction == Direction::kOut ? "out" : "in";
}

// What a firing out-rule tells when sizing says the advised count is enough already.
enum class Beyond : std::uint8_t {
  kTrustSizing,  // the signal lags or leads: sizing knows better
  kStep          // the measurement knows better: add one and see
};

// What the rules compare, as measured at one tick.
struct RuleReadings {
  Reading saturation, rest_latency;
  Reading pressure, utilization, mean_pressure, queue_wait, queue_growth, exec_latency;
  Reading pools;         // utilization of the fullest connection pool
  Reading started_wait;  // as queue_wait, also while what waits lacks no slot; for scale-in
};

// A setting of a rule: what it may be, what the guide recommends, what it does.
struct RuleSetting {
  Range bounds;
  Range documented = kUndocumented;
  std::string_view help;  // and the guide's sentence it comes from
};

struct RuleRow {
  std::string_view name;  // label value, and key in policies; the same in both directions
  Direction direction;
  std::string_view signal;  // in words: "queue wait p95"
  PolicyUnit unit;          // of the signal
  Reading RuleReadings::*reading;
  Comparison comparison;
  Beyond beyond = Beyond::kTrustSizing;
  bool breach = false;  // users wait too long: this service goes first where connections are short
  bool guards = true;   // in: enough by itself to keep scale-in from meaning "always"

  RulePolicy policy;  // the default: the operating guide's numbers
  RuleSetting threshold;
  RuleSetting duration = {};  // no help: the rule has none
  RuleSetting window = {};    // no help: the rule compares what is measured now
  std::string_view enabled_help = "Evaluate this rule.";

  // What the threshold must stay clear of, so that no change lands inside the other's gate:
  std::string_view sizing_target = {};  // policy field; above an in-gate and below an out-gate
  std::string_view below_out = {};      // in: the out-rule whose threshold is higher

  std::string_view recorded = name;  // its signal in rules/recommender.yml
};

}  // namespace chatscale::recommender
