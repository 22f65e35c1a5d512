#include "recommender/rules.h"

namespace chatscale::recommender {

namespace {

using enum RuleId;
using enum Direction;
using enum Comparison;
using enum Beyond;

constexpr std::array<RuleRow, kIngressRules> kIngress = {{
    {kIngressOutSaturation, kOut, "saturation", "SSE saturation", "", kAbove, kStep},
    {kIngressOutRestLatency, kOut, "rest_latency", "REST p95", " s", kAbove, kStep},
    {kIngressOutSaturationFast, kOut, "saturation_fast", "SSE saturation", "", kAtLeast, kStep},
    {kIngressInSaturation, kIn, "saturation", "SSE saturation", "", kBelow, kTrustSizing},
    {kIngressInRestLatency, kIn, "rest_latency", "REST p95", " s", kBelow, kTrustSizing},
}};

constexpr std::array<RuleRow, kProcRules> kProc = {{
    {kProcOutPressure, kOut, "pressure", "queue pressure", "", kAbove, kStep},
    {kProcOutQueueWait, kOut, "queue_wait", "queue wait p95", " s", kAbove, kStep},
    {kProcOutMeanPressure, kOut, "mean_pressure", "mean queue pressure", "", kAbove, kTrustSizing},
    {kProcOutQueueGrowth, kOut, "queue_growth", "queue growth", " tasks/min", kAbove, kTrustSizing},
    {kProcOutExecLatency, kOut, "exec_latency", "execution p95", " s", kAbove, kStep},
    {kProcOutQueueWaitFast, kOut, "queue_wait_fast", "queue wait p95", " s", kAtLeast, kStep},
    {kProcInUtilization, kIn, "utilization", "queue utilization", "", kBelow, kTrustSizing},
    {kProcInQueueWait, kIn, "queue_wait", "queue wait p95", " s", kBelow, kTrustSizing},
    {kProcInPressure, kIn, "pressure", "queue pressure", "", kBelow, kTrustSizing},
    {kProcInQueueGrowth, kIn, "queue_growth", "queue growth", " tasks/min", kAtMost, kTrustSizing},
}};

}  // namespace

const std::array<RuleRow, kIngressRules>& IngressRuleRows() { return kIngress; }
const std::array<RuleRow, kProcRules>& ProcRuleRows() { return kProc; }

const RuleRow& RowOf(RuleId id) {
  const auto index = static_cast<std::size_t>(id);
  return index < kIngressRules ? kIngress[index] : kProc[index - kIngressRules];
}

const RulePolicy& PolicyOf(const IngressPolicy& policy, RuleId id) {
  switch (id) {
    case kIngressOutSaturation:
      return policy.out.saturation;
    case kIngressOutRestLatency:
      return policy.out.rest_latency;
    case kIngressOutSaturationFast:
      return policy.out.saturation_fast;
    case kIngressInSaturation:
      return policy.in.saturation;
    default:
      return policy.in.rest_latency;
  }
}

const RulePolicy& PolicyOf(const ProcPolicy& policy, RuleId id) {
  switch (id) {
    case kProcOutPressure:
      return policy.out.pressure;
    case kProcOutQueueWait:
      return policy.out.queue_wait;
    case kProcOutMeanPressure:
      return policy.out.mean_pressure;
    case kProcOutQueueGrowth:
      return policy.out.queue_growth;
    case kProcOutExecLatency:
      return policy.out.exec_latency;
    case kProcOutQueueWaitFast:
      return policy.out.queue_wait_fast;
    case kProcInUtilization:
      return policy.in.utilization;
    case kProcInQueueWait:
      return policy.in.queue_wait;
    case kProcInPressure:
      return policy.in.pressure;
    default:
      return policy.in.queue_growth;
  }
}

}  // namespace chatscale::recommender
