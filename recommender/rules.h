// What a rule consists of: one row says all of it. The rows are in rule_table.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "recommender/policy_unit.h"
#include "recommender/rule.h"

namespace chatscale::recommender {

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
