#include "recommender/arrivals.h"

#include <algorithm>
#include <cmath>

namespace chatscale::recommender {

namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kForget = absl::Minutes(30);

// Longest gap between two values that is interpolated.
constexpr absl::Duration kReach = absl::Minutes(1);

MaybeNumber CountOf(const CheckedProc& checked, MaybeNumber total, absl::Time now,
                    const Trend& totals) {
  const MaybeNumber before = totals.At(now - kMinute, kReach);
  if (!total.has_value() || !checked.completed.has_value() || !before.has_value()) {
    return std::nullopt;
  }
  const double grown = *total - *before;
  return std::max(0.0, *checked.completed + grown + checked.refused.value_or(0));
}

void Smooth(double count, double service_seconds, absl::Time now, ArrivalMemory& memory) {
  constexpr absl::Duration kLongestGap = absl::Minutes(2);  // smoothing restarts after it
  const auto& points = memory.counts.points;
  const absl::Duration constant = (absl::Seconds(service_seconds) - kMinute) / 2;
  const bool follows = !points.empty() && now - points.back().at < kLongestGap;
  const double keep = follows && constant > absl::ZeroDuration()
                          ? std::exp(-absl::FDivDuration(now - points.back().at, constant))
                          : 0;
  memory.smoothed = count + keep * (memory.smoothed - count);
}

}  // namespace

void LearnArrivals(const CheckedProc& checked, MaybeNumber total, double service_seconds,
                   absl::Time now, ArrivalMemory& memory) {
  if (total.has_value()) memory.totals.Add(now, *total, 2 * kMinute);
  const MaybeNumber count = CountOf(checked, total, now, memory.totals);
  if (!count.has_value()) return;
  Smooth(*count, service_seconds, now, memory);
  memory.counts.Add(now, *count, kGrowthWindow);
  const MaybeNumber before = memory.counts.At(now - kMinute, kReach);
  if (!before.has_value() || now - memory.paired_at < kMinute) return;
  const double keep = std::exp(-absl::FDivDuration(now - memory.paired_at, kForget));
  const double difference = *count - *before;
  memory.pairs = keep * memory.pairs + 1;
  memory.differences = keep * memory.differences + difference * difference / 2;
  memory.sums = keep * memory.sums + (*count + *before) / 2;
  memory.paired_at = now;
}

std::optional<OfferedLoad> OfferedLoadOf(const ArrivalMemory& memory, absl::Time now,
                                         double service_seconds) {
  constexpr double kMostPeaked = 6, kEnoughPairs = 10;
  if (memory.counts.points.empty() || memory.counts.points.back().at != now) return std::nullopt;
  const double per_count = service_seconds / absl::ToDoubleSeconds(kMinute);
  const double count = memory.counts.points.back().value;
  const double before = memory.counts.At(now - kMinute, kReach).value_or(count);
  OfferedLoad load;
  load.now = memory.smoothed * per_count;
  load.mean = per_count > 2 ? load.now : (count + before) / 2 * per_count;
  if (memory.pairs >= kEnoughPairs && memory.sums > 0) {
    load.peakedness = std::clamp(memory.differences / memory.sums, 1.0, kMostPeaked);
  }
  const MaybeNumber slope = memory.counts.SlopePerSecond(now, kGrowthWindow);
  if (slope.has_value()) {
    const double rate = (count + before) / 2 / absl::ToDoubleSeconds(kMinute);
    const double window = absl::ToDoubleSeconds(kGrowthWindow);
    const double error = std::sqrt(12 * load.peakedness * rate / (window * window * window));
    load.growth = std::max(0.0, *slope * per_count - 2 * service_seconds * error);
  }
  return load;
}

}  // namespace chatscale::recommender
