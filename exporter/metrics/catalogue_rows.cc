#include "exporter/metrics/catalogue_rows.h"

namespace chatscale {

namespace {

template <MaybeNumber ThrottleWindow::*field>
MaybeNumber RefusedInHour(const Snapshot& s) {
  const MaybeNumber own = s.throttling.proc.hour.*field;
  return own ? own : s.throttling.ingress.hour.*field;
}

void EmitEach(const Latency& latency, MaybeNumber Percentiles::*field, const Emit& emit) {
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    emit({{"window", kWindowNames[w]}}, latency[w].*field);
  }
}

}  // namespace

void EmitWindows(const WindowMeans& windows, const Labels& labels, const Emit& emit) {
  const auto emit_one = [&](const char* window, const char* stat, MaybeNumber value) {
    Labels all = labels;
    all.push_back({"window", window});
    all.push_back({"stat", stat});
    emit(std::move(all), value);
  };
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    emit_one(kWindowNames[w], "avg", windows.mean[w]);
  }
  emit_one("1h", "max", windows.max);
}

void EmitP50(const Latency& l, const Emit& emit) { EmitEach(l, &Percentiles::p50_seconds, emit); }
void EmitP95(const Latency& l, const Emit& emit) { EmitEach(l, &Percentiles::p95_seconds, emit); }
void EmitP99(const Latency& l, const Emit& emit) { EmitEach(l, &Percentiles::p99_seconds, emit); }
void EmitMax(const Latency& l, const Emit& emit) { EmitEach(l, &Percentiles::max_seconds, emit); }
void EmitCount(const Latency& l, const Emit& emit) { EmitEach(l, &Percentiles::count, emit); }

void EmitUserTypes(const PerUserType<MaybeNumber>& values, const Emit& emit) {
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    emit({{"user_type", kUserTypeNames[u]}}, values[u]);
  }
}

UpstreamScalar UpstreamRateLimit429() {
  return {"throttling.rate_limit_429", "Count", 1, RefusedInHour<&ThrottleWindow::rate_limit_429>};
}

UpstreamScalar UpstreamBackpressure503() {
  return {"throttling.backpressure_503", "Count", 1,
          RefusedInHour<&ThrottleWindow::backpressure_503>};
}

}  // namespace chatscale
