// The rules of both components: identity, comparison, and where their policy and reading come from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "recommender/policy.h"
#include "recommender/rule.h"

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

struct RuleRow {
  RuleId id;
  Direction direction;
  std::string_view name;    // label value, the same in both directions
  std::string_view signal;  // in words: "queue wait p95"
  std::string_view unit;    // after a number: " s", "" for ratios
  Comparison comparison;
  Beyond beyond;
};

const std::array<RuleRow, kIngressRules>& IngressRuleRows();
const std::array<RuleRow, kProcRules>& ProcRuleRows();
const RuleRow& RowOf(RuleId id);

const RulePolicy& PolicyOf(const IngressPolicy& policy, RuleId id);
const RulePolicy& PolicyOf(const ProcPolicy& policy, RuleId id);

}  // namespace chatscale::recommender
