// Catalogue rows of the ingress service: SSE streams, REST latency, throttling.
#include "exporter/metrics/catalogue_rows.h"
#include "exporter/model/capacity.h"

namespace chatscale {
namespace {

void EmitRefused(const std::string& window, const ThrottleWindow& refused, const Emit& emit) {
  emit({{"window", window}, {"reason", "rate_limit"}, {"code", "429"}}, refused.rate_limit_429);
  emit({{"window", window}, {"reason", "backpressure"}, {"code", "503"}}, refused.backpressure_503);
}

std::string PeriodName(std::size_t period) {
  return std::to_string(kLongPeriodHours[period]) + "h";
}

void EmitThrottled(const Throttling& throttling, const Emit& emit) {
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    EmitRefused(kWindowNames[w], throttling.windows[w], emit);
  }
  for (std::size_t p = 0; p < kLongPeriodHours.size(); ++p) {
    EmitRefused(PeriodName(p), throttling.periods[p].refused, emit);
  }
}

void EmitRequests(const Throttling& throttling, const Emit& emit) {
  emit({{"window", "1h"}}, throttling.requests_hour);
  for (std::size_t p = 0; p < kLongPeriodHours.size(); ++p) {
    emit({{"window", PeriodName(p)}}, throttling.periods[p].requests);
  }
}

std::vector<MetricRow> SseRows() {
  return {
      {.name = "chat.ingress.sse.connections",
       .upstream = {{"ingress.sse.total_connections", "Count"}},
       .help = "Open SSE streams of the ingress service; of one process where the document has no "
               "figure of the fleet; absent while chat_ingress_sse_coverage_ratio is below 1. "
               "Source: sse_connections.global_total_connections, else .total_connections.",
       .value = [](const Snapshot& s) { return WholeSum(s.sse, &SseLoad::connections); },
       .contract = true},
      {.name = "chat.ingress.sse.connections_limit",
       .upstream = {{"ingress.sse.max_connections", "Count"}},
       .help = "Sum of the SSE stream limits of the ingress workers; 0 means that none is known; "
               "absent while chat_ingress_sse_coverage_ratio is below 1. "
               "Source: sse_connections.global_max_connections, else .max_connections.",
       .value = [](const Snapshot& s) { return WholeSum(s.sse, &SseLoad::limit); },
       .contract = true},
      {.name = "chat.ingress.sse.sessions",
       .upstream = {{"ingress.sse.sessions", "Count"}},
       .help = "Sessions with at least one open SSE stream; absent while "
               "chat_ingress_sse_coverage_ratio is below 1. "
               "Source: sse_connections.global_sessions, else .sessions.",
       .value = [](const Snapshot& s) { return WholeSum(s.sse, &SseLoad::sessions); },
       .contract = true},
      {.name = "chat.ingress.sse.saturation",
       .upstream = {{"ingress.sse.saturation_ratio", "Count"},
                    {"ingress.sse.saturation_percent", "Percent", kPercent}},
       .unit = Unit::kRatio,
       .help = "Open SSE streams divided by their limit, 0 to 1; absent without a limit and while "
               "chat_ingress_sse_coverage_ratio is below 1. "
               "Source: sse_connections total / max.",
       .value = [](const Snapshot& s) { return SseSaturation(s.sse); },
       .contract = true},
      {.name = "chat.ingress.sse.saturation_ratio",
       .unit = Unit::kRatio,
       .help = "Same as chat_ingress_sse_saturation, under a name with its unit. "
               "Source: sse_connections total / max.",
       .value = [](const Snapshot& s) { return SseSaturation(s.sse); }},
      {.name = "chat.ingress.sse.workers",
       .help = "Ingress worker processes included in the SSE sums. "
               "Source: sse_connections.global_processes, else .processes.",
       .value = [](const Snapshot& s) { return s.sse.workers; }},
      {.name = "chat.ingress.sse.coverage_ratio",
       .unit = Unit::kRatio,
       .help =
           "Share of the live ingress workers whose SSE streams are known. Below 1 the SSE sums "
           "are incomplete: they are withheld, and ingress is not scaled in. "
           "Source: sse_connections processes / live processes of components.ingress.",
       .value = [](const Snapshot& s) { return s.sse.coverage; }},
      {.name = "chat.ingress.sse.connections_at_least",
       .help = "Open SSE streams of the ingress workers whose streams are known. "
               "Source: as chat_ingress_sse_connections.",
       .value = [](const Snapshot& s) { return s.sse.connections; }},
      {.name = "chat.ingress.sse.kept_workers",
       .help = "Ingress workers whose last SSE entry has expired and is kept because the worker "
               "still lives (redis mode, upstream defect D10).",
       .value = [](const Snapshot& s) { return s.sse.kept_workers; }},
      {.name = "chat.ingress.sse.hottest_worker_saturation_ratio",
       .unit = Unit::kRatio,
       .help = "Highest streams / limit of one ingress worker; streams do not move to new "
               "workers (redis mode).",
       .value = [](const Snapshot& s) { return s.sse.hottest_worker_saturation; }},
      {.name = "chat.ingress.sse.window_connections",
       .help = "Open SSE streams over rolling windows: mean of each, and the maximum of one hour. "
               "Source: components.ingress.sse.windows.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitWindows(s.sse.window_connections, {}, emit); },
       .labels = {"stat", "window"}},
  };
}

std::vector<MetricRow> RestRows() {
  return {
      {.name = "chat.ingress.rest.latency.p95",
       .upstream = {{"ingress.rest.latency.p95_ms", "", kMillis}},
       .unit = Unit::kSeconds,
       .help = "95th percentile of REST latency in seconds, 1-minute window. "
               "Source: components.ingress.latency.rest_ms.1m.p95.",
       .value = [](const Snapshot& s) { return s.rest[0].p95_seconds; },
       .contract = true},
      {.name = "chat.ingress.rest.latency_p50_seconds",
       .unit = Unit::kSeconds,
       .help = "Median REST latency. Source: components.ingress.latency.rest_ms.<window>.p50.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP50(s.rest, emit); },
       .labels = {"window"}},
      {.name = "chat.ingress.rest.latency_p95_seconds",
       .unit = Unit::kSeconds,
       .help = "95th percentile of REST latency. "
               "Source: components.ingress.latency.rest_ms.<window>.p95.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP95(s.rest, emit); },
       .labels = {"window"}},
      {.name = "chat.ingress.rest.latency_p99_seconds",
       .unit = Unit::kSeconds,
       .help = "99th percentile of REST latency. "
               "Source: components.ingress.latency.rest_ms.<window>.p99.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP99(s.rest, emit); },
       .labels = {"window"}},
      {.name = "chat.ingress.rest.latency_max_seconds",
       .unit = Unit::kSeconds,
       .help = "Longest REST request. Source: components.ingress.latency.rest_ms.<window>.max.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitMax(s.rest, emit); },
       .labels = {"window"}},
      {.name = "chat.ingress.rest.latency_samples",
       .help = "REST requests in the window. "
               "Source: components.ingress.latency.rest_ms.<window>.count.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitCount(s.rest, emit); },
       .labels = {"window"}},
  };
}

std::vector<MetricRow> ThrottleRows() {
  return {
      {.name = "chat.ingress.throttle.rate_limit_429",
       .upstream = {UpstreamRateLimit429()},
       .help = "Requests refused with 429 in the last minute; a sliding count, not for rate(). "
               "Source: throttling_windows.1m.rate_limit_429 of the whole tenant.",
       .value = [](const Snapshot& s) { return s.throttling.ingress.windows[0].rate_limit_429; },
       .contract = true},
      {.name = "chat.ingress.throttle.backpressure_503",
       .upstream = {UpstreamBackpressure503()},
       .help = "Requests refused with 503 in the last minute; a sliding count, not for rate(). "
               "Source: throttling_windows.1m.backpressure_503 of the whole tenant.",
       .value = [](const Snapshot& s) { return s.throttling.ingress.windows[0].backpressure_503; },
       .contract = true},
      {.name = "chat.ingress.throttled_window_requests",
       .help = "Requests refused in the window, by reason; a sliding count, not for rate(). "
               "Source: throttling_windows.<window>, from 3h on throttling_by_period.<window>.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitThrottled(s.throttling.ingress, emit); },
       .labels = {"code", "reason", "window"}},
      {.name = "chat.ingress.window_requests",
       .help = "Requests attempted in the window as the upstream counts them (D19: whole hours). "
               "Source: throttling_stats.total_attempted, throttling_by_period.<window>.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitRequests(s.throttling.ingress, emit); },
       .labels = {"window"}},
  };
}

}  // namespace

std::vector<MetricRow> IngressRows() {
  std::vector<MetricRow> rows = SseRows();
  for (const auto& part : {RestRows(), ThrottleRows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace chatscale
