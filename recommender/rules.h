// The rules of both services, a row each: identity, comparison, and where their policy and
// reading come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "recommender/policy.h"
#include "recommender/rule.h"
#include "recommender/service.h"

namespace chatscale::recommender {

enum class Direction : std::uint8_t { kOut, kIn };

enum class RuleId : std::uint8_t {
  kIngressOutSaturation,
  kIngressOutRestLatency,
  kIngressOutSaturationFast,
  kIngressInSaturation,
  kIngressInRestLatency,
  kProcOutPressure,
  kProcOutQueueWait,
  kProcOutMeanPressure,
  kProcOutQueueGrowth,
  kProcOutExecLatency,
  kProcOutQueueWaitFast,
  kProcInUtilization,
  kProcInQueueWait,
  kProcInPressure,
  kProcInQueueGrowth,
};
inline constexpr std::size_t kIngressRules = 5;
inline constexpr std::size_t kProcRules = 10;
inline constexpr std::size_t kMaxRules = kProcRules;

// What a firing out-rule tells when sizing says the advised count is enough already.
enum class Beyond : std::uint8_t {
  kTrustSizing,  // the signal lags or leads: sizing knows better
  kStep          // the measurement knows better: add one and see
};

// What the rules compare, as measured at one tick.
struct RuleReadings {
  Reading saturation, rest_latency;
  Reading pressure, utilization, mean_pressure, queue_wait, queue_growth, exec_latency;
};

struct RuleRow {
  RuleId id;
  Direction direction;
  std::string_view name;    // label value, the same in both directions
  std::string_view signal;  // in words: "queue wait p95"
  std::string_view unit;    // after a number: " s", "" for ratios
  Comparison comparison;
  Beyond beyond;
  Reading RuleReadings::*reading;
  const RulePolicy& (*policy)(const Policy&);
  // Users wait too long already: the service goes first where connections are short.
  bool breach = false;
};

// In the order in which state and recommendations keep them.
std::span<const RuleRow> RuleRows(Service service);
const RuleRow& RowOf(RuleId id);

// Longest duration of the enabled in-rules: how long a demand must stay low before a scale-in.
absl::Duration InWindow(const Policy& policy, Service service);

}  // namespace chatscale::recommender
