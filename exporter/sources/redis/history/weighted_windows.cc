#include "exporter/sources/redis/history/weighted_windows.h"

#include <algorithm>

#include "exporter/sources/redis/history/rolling_series.h"

namespace chatscale::redis {
namespace {

constexpr double kMaxHoldSeconds = 300;

}  // namespace

void WeightedWindows::Seed(const std::vector<Sample>& ascending) {
  if (samples_.empty()) samples_.assign(ascending.begin(), ascending.end());
}

void WeightedWindows::Add(double now, double value) {
  if (!samples_.empty() && samples_.back().time >= now) return;
  samples_.push_back({now, value});
  // The one before the hour may reach into it.
  while (samples_.size() > 1 && samples_[1].time <= now - kWindowSeconds.back()) {
    samples_.pop_front();
  }
}

WindowMeans WeightedWindows::At(double now) const {
  WindowMeans out;
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    const double from = now - kWindowSeconds[w];
    double weighted = 0;
    double weight = 0;
    MaybeNumber last;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const Sample& sample = samples_[i];
      if (sample.time > now) break;
      const double next = i + 1 < samples_.size() ? std::min(samples_[i + 1].time, now) : now;
      const double until = std::min(next, sample.time + kMaxHoldSeconds);
      const double seconds = until - std::max(sample.time, from);
      if (sample.time >= from) last = sample.value;
      if (seconds <= 0) continue;
      weighted += sample.value * seconds;
      weight += seconds;
      if (w + 1 == kWindowCount) out.max = std::max(out.max.value_or(sample.value), sample.value);
    }
    if (last && w + 1 == kWindowCount) out.max = std::max(out.max.value_or(*last), *last);
    out.mean[w] = weight > 0 ? MaybeNumber(weighted / weight) : last;
  }
  return out;
}

}  // namespace chatscale::redis
