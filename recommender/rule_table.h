// Rule table: the rules of both services, in the order of policies, state and recommendations. A
// new rule is a new row here; recommender/README.md has the recipe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "recommender/rule.h"
#include "recommender/service.h"

namespace chatscale::recommender {

// Ranges of durations in seconds: the guide's (kGuide...), and the allowed ones (kUpTo...).
inline constexpr Range kGuideOut{120, 300}, kGuideIn{600, 900};
inline constexpr Range kUpToOut{0, 3600}, kUpToIn{0, 7200}, kUpToFast{0, 600};

// A rule of both services.
inline constexpr RuleRow kPoolsRule = {
    .name = "pools",
    .direction = Direction::kIn,
    .signal = "pool utilization",
    .unit = PolicyUnit::kRatio,
    .value_of = &RuleSignals::pools,
    .comparison = Comparison::kBelow,
    .gates_scale_in = false,
    .policy = {.threshold = 0.4, .duration = absl::Minutes(10), .enabled = false},
    .threshold = {{0.01, 1},
                  kUndocumented,
                  "Scale in only below this utilization of the fullest connection pool. Guide: "
                  "\"pools < 40 % sustained\" among its signals for scale-in; its policy has it "
                  "not."},
    .duration = {kUpToIn, kGuideIn, "How long. Guide: 10-15 minutes."},
    .enabled_help = "Evaluate this rule; off in the guide's policy."};

inline constexpr auto kIngressRules = std::to_array<RuleRow>({
    {.name = "saturation",
     .direction = Direction::kOut,
     .signal = "SSE saturation",
     .unit = PolicyUnit::kRatio,
     .value_of = &RuleSignals::saturation,
     .comparison = Comparison::kAbove,
     .when_sizing_suffices = WhenSizingSuffices::kAddReplica,
     .policy = {.threshold = 0.7, .duration = absl::Minutes(2)},
     .threshold = {{0.05, 1},
                   kUndocumented,
                   "Scale out above this share of open streams. Guide: \"SSE saturation > 0.7 for "
                   "2-5 minutes: scale out\"."},
     .duration = {kUpToOut, kGuideOut, "How long. Guide: 2-5 minutes."},
     .sizing_target = "ingress.sizing.target"},
    {.name = "rest_latency",
     .direction = Direction::kOut,
     .signal = "REST p95",
     .unit = PolicyUnit::kSeconds,
     .value_of = &RuleSignals::rest_latency,
     .comparison = Comparison::kAbove,
     .when_sizing_suffices = WhenSizingSuffices::kAddReplica,
     .policy = {.threshold = 1.5, .duration = absl::Minutes(5)},
     .threshold = {{0.01, 600},
                   {1, 2},
                   "Scale out above this REST p95. Guide: \"REST p95 above 1-2 s for 5 minutes: "
                   "scale out\"."},
     .duration = {kUpToOut, kGuideOut, "How long. Guide: 2-5 minutes."}},
    {.name = "saturation_fast",
     .direction = Direction::kOut,
     .signal = "SSE saturation",
     .unit = PolicyUnit::kRatio,
     .value_of = &RuleSignals::saturation,
     .comparison = Comparison::kAtLeast,
     .when_sizing_suffices = WhenSizingSuffices::kAddReplica,
     .policy = {.threshold = 0.9, .duration = absl::Seconds(30), .enabled = false},
     .threshold = {{0.05, 1},
                   kUndocumented,
                   "A second rule for fast growth: scale out at or above this saturation. Not in "
                   "the guide; policy "
                   "`responsive`."},
     .duration = {kUpToFast, kUndocumented, "How long."},
     .enabled_help = "Evaluate this rule.",
     .recorded = "saturation"},
    {.name = "saturation",
     .direction = Direction::kIn,
     .signal = "SSE saturation",
     .unit = PolicyUnit::kRatio,
     .value_of = &RuleSignals::saturation,
     .comparison = Comparison::kBelow,
     .policy = {.threshold = 0.3, .duration = absl::Minutes(10)},
     .threshold = {{0.01, 1},
                   kUndocumented,
                   "Scale in only below this share of open streams. Guide: \"SSE saturation < 0.3 "
                   "for 10-15 minutes: scale in\"."},
     .duration = {kUpToIn, kGuideIn, "How long. Guide: 10-15 minutes."},
     .sizing_target = "ingress.sizing.target"},
    {.name = "rest_latency",
     .direction = Direction::kIn,
     .signal = "REST p95",
     .unit = PolicyUnit::kSeconds,
     .value_of = &RuleSignals::rest_latency,
     .comparison = Comparison::kBelow,
     .policy = {.threshold = 0.5, .duration = absl::Minutes(10)},
     .threshold = {{0.001, 600},
                   kUndocumented,
                   "Scale in only below this REST p95; no requests at all counts as below. Guide: "
                   "\"and REST p95 < 0.5 s\"."},
     .duration = {kUpToIn, kGuideIn, "How long. Guide: 10-15 minutes."},
     .below_out = "rest_latency"},
    kPoolsRule,
});

inline constexpr auto kProcRules = std::to_array<RuleRow>({
    {.name = "pressure",
     .direction = Direction::kOut,
     .signal = "queue pressure",
     .unit = PolicyUnit::kRatio,
     .value_of = &RuleSignals::pressure,
     .comparison = Comparison::kAbove,
     .when_sizing_suffices = WhenSizingSuffices::kAddReplica,
     .policy = {.threshold = 0.7, .duration = absl::Minutes(2)},
     .threshold = {{0.05, 100},
                   kUndocumented,
                   "Scale out above this pressure (tasks / corrected queue capacity). Guide: "
                   "\"pressure ratio > 0.7 for 2-5 minutes: scale out\"."},
     .duration = {kUpToOut, kGuideOut, "How long. Guide: 2-5 minutes."}},
    {.name = "queue_wait",
     .direction = Direction::kOut,
     .signal = "queue wait p95",
     .unit = PolicyUnit::kSeconds,
     .value_of = &RuleSignals::queue_wait,
     .comparison = Comparison::kAbove,
     .when_sizing_suffices = WhenSizingSuffices::kAddReplica,
     .urgent = true,
     .policy = {.threshold = 3, .duration = absl::Minutes(2)},
     .threshold = {{0.01, 3600},
                   {3, 5},
                   "Scale out above this wait: the worse of p95 and the age of the oldest waiting "
                   "task. Guide: \"queue wait p95 > 3-5 s for 2-5 minutes: scale out\"."},
     .duration = {kUpToOut, kGuideOut, "How long. Guide: 2-5 minutes."},
     .sizing_target = "proc.sizing.wait_limit"},
    {.name = "mean_pressure",
     .direction = Direction::kOut,
     .signal = "mean queue pressure",
     .unit = PolicyUnit::kRatio,
     .value_of = &RuleSignals::mean_pressure,
     .comparison = Comparison::kAbove,
     .policy = {.threshold = 0.8, .window = absl::Minutes(15)},
     .threshold = {{0.05, 100},
                   kUndocumented,
                   "Scale out when the time-weighted mean pressure is above this. Guide: "
                   "\"15-minute mean pressure > 0.8: scale out\"."},
     .window = {{60, 7200}, {900, 900}, "Window of the mean. Guide: 15 minutes."}},
    {.name = "queue_growth",
     .direction = Direction::kOut,
     .signal = "queue growth",
     .unit = PolicyUnit::kTasksPerMinute,
     .value_of = &RuleSignals::queue_growth,
     .comparison = Comparison::kAbove,
     .policy = {.threshold = 1, .duration = absl::Minutes(3)},
     .threshold = {{0, 1000000},
                   kUndocumented,
                   "Scale out while the queue (waiting and in flight) grows faster than this. "
                   "Guide: \"queue depth growing for 3 minutes: scale out\"."},
     .duration = {kUpToOut, kGuideOut, "How long. Guide: 3 minutes."}},
    {.name = "exec_latency",
     .direction = Direction::kOut,
     .signal = "execution p95",
     .unit = PolicyUnit::kSeconds,
     .value_of = &RuleSignals::exec_latency,
     .comparison = Comparison::kAbove,
     .when_sizing_suffices = WhenSizingSuffices::kAddReplica,
     .policy = {.threshold = 60, .duration = absl::Minutes(5), .enabled = false},
     .threshold = {{0.01, 86400},
                   kUndocumented,
                   "Scale out above this execution p95. Guide: \"execution p95 above your "
                   "threshold for 5 minutes\"; off until a threshold is chosen."},
     .duration = {kUpToOut, kGuideOut, "How long. Guide: 5 minutes."},
     .enabled_help = "Evaluate this rule; off unless a threshold is set."},
    {.name = "queue_wait_fast",
     .direction = Direction::kOut,
     .signal = "queue wait p95",
     .unit = PolicyUnit::kSeconds,
     .value_of = &RuleSignals::queue_wait,
     .comparison = Comparison::kAtLeast,
     .when_sizing_suffices = WhenSizingSuffices::kAddReplica,
     .urgent = true,
     .policy = {.threshold = 9, .duration = absl::Seconds(30), .enabled = false},
     .threshold = {{0.01, 3600},
                   kUndocumented,
                   "A second rule for fast growth: scale out at or above this wait, 3 x the limit. "
                   "Not in the guide; "
                   "policy `responsive`."},
     .duration = {kUpToFast, kUndocumented, "How long."},
     .enabled_help = "Evaluate this rule.",
     .recorded = "queue_wait"},
    {.name = "utilization",
     .direction = Direction::kIn,
     .signal = "queue utilization",
     .unit = PolicyUnit::kRatio,
     .value_of = &RuleSignals::utilization,
     .comparison = Comparison::kBelow,
     .policy = {.threshold = 0.3, .duration = absl::Minutes(10)},
     .threshold = {{0.01, 100},
                   kUndocumented,
                   "Scale in only below this queue utilization. Guide: \"queue utilization < 0.3 "
                   "for 10-15 minutes: scale in\"."},
     .duration = {kUpToIn, kGuideIn, "How long. Guide: 10-15 minutes."},
     .below_out = "pressure"},
    {.name = "queue_wait",
     .direction = Direction::kIn,
     .signal = "queue wait p95",
     .unit = PolicyUnit::kSeconds,
     .value_of = &RuleSignals::started_wait,
     .comparison = Comparison::kBelow,
     .policy = {.threshold = 1, .duration = absl::Minutes(10)},
     // The guide's older edition has avg_wait, a lifetime mean that is never reset
     // (docs/upstream.md, D14) and no longer moves after a week. Its newer edition has the p95.
     .threshold = {{0.001, 3600},
                   kUndocumented,
                   "Scale in only below this wait; no tasks at all counts as below. Guide: \"and "
                   "queue wait p95 < 1 s\"; an older edition has avg_wait, a mean that is never "
                   "reset."},
     .duration = {kUpToIn, kGuideIn, "How long. Guide: 10-15 minutes."},
     .sizing_target = "proc.sizing.wait_limit",
     .below_out = "queue_wait",
     // A lower bound starts no scale-in.
     .recorded = "queue_wait_p95"},
    {.name = "pressure",
     .direction = Direction::kIn,
     .signal = "queue pressure",
     .unit = PolicyUnit::kRatio,
     .value_of = &RuleSignals::utilization,  // includes tasks that scale-out ignores
     .comparison = Comparison::kBelow,
     .policy = {.threshold = 0.4, .duration = absl::Minutes(10)},
     .threshold = {{0.01, 100},
                   kUndocumented,
                   "Scale in only below this pressure. Guide: \"and pressure ratio < 0.4 for 10 "
                   "minutes\"."},
     .duration = {kUpToIn, kGuideIn, "How long. Guide: 10-15 minutes."},
     .below_out = "pressure"},
    {.name = "queue_growth",
     .direction = Direction::kIn,
     .signal = "queue growth",
     .unit = PolicyUnit::kTasksPerMinute,
     .value_of = &RuleSignals::queue_growth,
     .comparison = Comparison::kAtMost,
     .gates_scale_in = false,  // growth alone does not show how much is used
     .policy = {.threshold = 1},
     .threshold = {{0, 1000000},
                   kUndocumented,
                   "Scale in only while the queue grows at most this fast. Guide: \"and the queue "
                   "is not growing\"."}},
    kPoolsRule,
});

inline constexpr std::size_t kMaxRules = std::max(kIngressRules.size(), kProcRules.size());

constexpr std::span<const RuleRow> RuleRows(Service service) {
  if (service == Service::kIngress) return kIngressRules;
  return kProcRules;
}

// Index of a row among RuleRows(service).
constexpr std::size_t IndexOf(Service service, const RuleRow& row) {
  return static_cast<std::size_t>(&row - RuleRows(service).data());
}

// Number of different signals that the service's rules compare.
constexpr std::size_t SignalCount(Service service) {
  const std::span<const RuleRow> rows = RuleRows(service);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    bool seen = false;
    for (std::size_t j = 0; j < i; ++j) seen = seen || rows[j].signal == rows[i].signal;
    count += seen ? 0 : 1;
  }
  return count;
}

// For example "ingress.out.saturation".
std::string PathOf(Service service, const RuleRow& row);

}  // namespace chatscale::recommender
