#include "recommender/rules.h"

#include <algorithm>
#include <array>

namespace chatscale::recommender {

namespace {

using enum RuleId;
using enum Direction;
using enum Comparison;
using enum Beyond;

constexpr std::array<RuleRow, kIngressRules> kIngress = {{
    {kIngressOutSaturation, kOut, "saturation", "SSE saturation", "", kAbove, kStep,
     &RuleReadings::saturation,
     [](const Policy& p) -> const RulePolicy& { return p.ingress.out.saturation; }},
    {kIngressOutRestLatency, kOut, "rest_latency", "REST p95", " s", kAbove, kStep,
     &RuleReadings::rest_latency,
     [](const Policy& p) -> const RulePolicy& { return p.ingress.out.rest_latency; }},
    {kIngressOutSaturationFast, kOut, "saturation_fast", "SSE saturation", "", kAtLeast, kStep,
     &RuleReadings::saturation,
     [](const Policy& p) -> const RulePolicy& { return p.ingress.out.saturation_fast; }},
    {kIngressInSaturation, kIn, "saturation", "SSE saturation", "", kBelow, kTrustSizing,
     &RuleReadings::saturation,
     [](const Policy& p) -> const RulePolicy& { return p.ingress.in.saturation; }},
    {kIngressInRestLatency, kIn, "rest_latency", "REST p95", " s", kBelow, kTrustSizing,
     &RuleReadings::rest_latency,
     [](const Policy& p) -> const RulePolicy& { return p.ingress.in.rest_latency; }},
}};

constexpr std::array<RuleRow, kProcRules> kProc = {{
    {kProcOutPressure, kOut, "pressure", "queue pressure", "", kAbove, kStep,
     &RuleReadings::pressure,
     [](const Policy& p) -> const RulePolicy& { return p.proc.out.pressure; }},
    {kProcOutQueueWait, kOut, "queue_wait", "queue wait p95", " s", kAbove, kStep,
     &RuleReadings::queue_wait,
     [](const Policy& p) -> const RulePolicy& { return p.proc.out.queue_wait; }, true},
    {kProcOutMeanPressure, kOut, "mean_pressure", "mean queue pressure", "", kAbove, kTrustSizing,
     &RuleReadings::mean_pressure,
     [](const Policy& p) -> const RulePolicy& { return p.proc.out.mean_pressure; }},
    {kProcOutQueueGrowth, kOut, "queue_growth", "queue growth", " tasks/min", kAbove, kTrustSizing,
     &RuleReadings::queue_growth,
     [](const Policy& p) -> const RulePolicy& { return p.proc.out.queue_growth; }},
    {kProcOutExecLatency, kOut, "exec_latency", "execution p95", " s", kAbove, kStep,
     &RuleReadings::exec_latency,
     [](const Policy& p) -> const RulePolicy& { return p.proc.out.exec_latency; }},
    {kProcOutQueueWaitFast, kOut, "queue_wait_fast", "queue wait p95", " s", kAtLeast, kStep,
     &RuleReadings::queue_wait,
     [](const Policy& p) -> const RulePolicy& { return p.proc.out.queue_wait_fast; }, true},
    {kProcInUtilization, kIn, "utilization", "queue utilization", "", kBelow, kTrustSizing,
     &RuleReadings::utilization,
     [](const Policy& p) -> const RulePolicy& { return p.proc.in.utilization; }},
    {kProcInQueueWait, kIn, "queue_wait", "queue wait p95", " s", kBelow, kTrustSizing,
     &RuleReadings::queue_wait,
     [](const Policy& p) -> const RulePolicy& { return p.proc.in.queue_wait; }},
    {kProcInPressure, kIn, "pressure", "queue pressure", "", kBelow, kTrustSizing,
     &RuleReadings::pressure,
     [](const Policy& p) -> const RulePolicy& { return p.proc.in.pressure; }},
    {kProcInQueueGrowth, kIn, "queue_growth", "queue growth", " tasks/min", kAtMost, kTrustSizing,
     &RuleReadings::queue_growth,
     [](const Policy& p) -> const RulePolicy& { return p.proc.in.queue_growth; }},
}};

}  // namespace

std::span<const RuleRow> RuleRows(Service service) {
  if (service == Service::kIngress) return kIngress;
  return kProc;
}

const RuleRow& RowOf(RuleId id) {
  const auto index = static_cast<std::size_t>(id);
  return index < kIngressRules ? kIngress[index] : kProc[index - kIngressRules];
}

absl::Duration InWindow(const Policy& policy, Service service) {
  absl::Duration longest;
  for (const RuleRow& row : RuleRows(service)) {
    const RulePolicy& rule = row.policy(policy);
    if (row.direction == Direction::kIn && rule.enabled) longest = std::max(longest, rule.duration);
  }
  return longest;
}

}  // namespace chatscale::recommender
