#include "exporter/core/upstream_keys.h"

#include <array>

#include "exporter/core/queue_capacity.h"
#include "exporter/core/sse_saturation.h"

namespace chatscale {
namespace {

MaybeNumber Times(MaybeNumber value, double factor) {
  return value ? MaybeNumber(*value * factor) : std::nullopt;
}

MaybeNumber AverageWait(const Snapshot& s, UserType type) {
  return s.queue.average_wait_seconds[static_cast<std::size_t>(type)];
}

// The processor's count of the last hour, else the ingress service's.
MaybeNumber Throttled(const Snapshot& s, MaybeNumber ThrottleWindow::*field) {
  const MaybeNumber own = s.throttling.proc.hour.*field;
  return own ? own : s.throttling.ingress.hour.*field;
}

constexpr double kMillis = 1000.0;

constexpr std::array kKeys = {
    UpstreamKey{"ingress.sse.max_connections", "Count",
                [](const Snapshot& s) { return WholeSum(s.sse, &SseLoad::limit); }},
    UpstreamKey{"ingress.sse.saturation_percent", "Percent",
                [](const Snapshot& s) { return Times(SseSaturation(s.sse), 100.0); }},
    UpstreamKey{"ingress.sse.saturation_ratio", "Count",
                [](const Snapshot& s) { return SseSaturation(s.sse); }},
    UpstreamKey{"ingress.sse.sessions", "Count",
                [](const Snapshot& s) { return WholeSum(s.sse, &SseLoad::sessions); }},
    UpstreamKey{"ingress.sse.total_connections", "Count",
                [](const Snapshot& s) { return WholeSum(s.sse, &SseLoad::connections); }},
    UpstreamKey{"proc.exec.p95_ms", "Count",
                [](const Snapshot& s) { return Times(s.queue.exec[0].p95_seconds, kMillis); }},
    UpstreamKey{
        "proc.pressure_ratio_percent", "Percent",
        [](const Snapshot& s) { return Times(EffectivePressure(s.queue.capacity), 100.0); }},
    UpstreamKey{"proc.queue.avg_wait_seconds.anonymous", "Count",
                [](const Snapshot& s) { return AverageWait(s, UserType::kAnonymous); }},
    UpstreamKey{"proc.queue.avg_wait_seconds.paid", "Count",
                [](const Snapshot& s) { return AverageWait(s, UserType::kPaid); }},
    UpstreamKey{"proc.queue.avg_wait_seconds.privileged", "Count",
                [](const Snapshot& s) { return AverageWait(s, UserType::kPrivileged); }},
    UpstreamKey{"proc.queue.avg_wait_seconds.registered", "Count",
                [](const Snapshot& s) { return AverageWait(s, UserType::kRegistered); }},
    UpstreamKey{"proc.queue.depth.1m", "Count",
                [](const Snapshot& s) { return s.queue.window_depth.mean[0]; }},
    UpstreamKey{"proc.queue.pressure_ratio", "Count",
                [](const Snapshot& s) { return EffectivePressure(s.queue.capacity); }},
    UpstreamKey{"proc.queue.pressure_ratio.1m", "Count",
                [](const Snapshot& s) { return s.queue.window_pressure.mean[0]; }},
    UpstreamKey{"proc.queue.total", "Count", [](const Snapshot& s) { return s.queue.total; }},
    UpstreamKey{
        "proc.queue.utilization_percent", "Percent",
        [](const Snapshot& s) { return Times(EffectiveUtilization(s.queue.capacity), 100.0); }},
    UpstreamKey{"proc.queue.utilization_ratio", "Count",
                [](const Snapshot& s) { return EffectiveUtilization(s.queue.capacity); }},
    UpstreamKey{"proc.queue.wait.p95_ms", "Count",
                [](const Snapshot& s) { return Times(s.queue.wait[0].p95_seconds, kMillis); }},
    UpstreamKey{"throttling.backpressure_503", "Count",
                [](const Snapshot& s) { return Throttled(s, &ThrottleWindow::backpressure_503); }},
    UpstreamKey{"throttling.rate_limit_429", "Count",
                [](const Snapshot& s) { return Throttled(s, &ThrottleWindow::rate_limit_429); }},
};

}  // namespace

std::span<const UpstreamKey> UpstreamKeys() { return kKeys; }

}  // namespace chatscale
