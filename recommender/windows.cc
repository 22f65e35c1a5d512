#include "recommender/windows.h"

#include <algorithm>

namespace chatscale::recommender {

namespace {

constexpr auto kSlots = static_cast<std::ptrdiff_t>(kWindowSlots);

}  // namespace

void SlidingMax::Add(absl::Time now, double value, absl::Duration window) {
  while (entries.size() > head && entries.back().value <= value) entries.pop_back();
  if (entries.size() == head) {
    entries.clear();
    head = 0;
  } else if (entries.size() > head + 1 && now - entries[entries.size() - 2].at < window / kSlots) {
    entries.back().at = now;
    return;
  }
  if (head >= static_cast<std::size_t>(kSlots)) {
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(head));
    head = 0;
  }
  entries.push_back({now, value});
}

MaybeNumber SlidingMax::Max(absl::Time now, absl::Duration window) {
  while (head < entries.size() && now - entries[head].at > window) ++head;
  if (head == entries.size()) return std::nullopt;
  return entries[head].value;
}

void WindowMean::Add(absl::Time now, double value, absl::Duration window, absl::Duration max_gap) {
  const absl::Duration since = now - last;
  last = now;
  if (since <= absl::ZeroDuration() || since > max_gap) return;
  const double seconds = absl::ToDoubleSeconds(since);
  if (buckets.empty() || now - buckets.back().start >= window / kSlots) {
    const auto expired = [&](const Bucket& bucket) { return now - bucket.start >= window; };
    if (!buckets.empty() && expired(buckets.front())) {
      buckets.erase(buckets.begin(), std::find_if_not(buckets.begin(), buckets.end(), expired));
    }
    buckets.push_back({now - since, 0, 0});
  }
  buckets.back().seconds += seconds;
  buckets.back().area += value * seconds;
}

MaybeNumber WindowMean::Mean(absl::Time now, absl::Duration window, double min_coverage) const {
  double seconds = 0;
  double area = 0;
  for (const Bucket& bucket : buckets) {
    if (now - bucket.start > window) continue;
    seconds += bucket.seconds;
    area += bucket.area;
  }
  if (seconds <= 0 || seconds < min_coverage * absl::ToDoubleSeconds(window)) return std::nullopt;
  return area / seconds;
}

void Trend::Add(absl::Time now, double value, absl::Duration window) {
  if (points.size() > 1 && now - points[points.size() - 2].at < window / kSlots) {
    points.back() = {now, value};
    return;
  }
  const auto expired = [&](const TimedValue& point) { return now - point.at > window; };
  if (!points.empty() && expired(points.front())) {
    points.erase(points.begin(), std::find_if_not(points.begin(), points.end(), expired));
  }
  points.push_back({now, value});
}

MaybeNumber Trend::SlopePerSecond(absl::Time now, absl::Duration window) const {
  double n = 0, sum_t = 0, sum_v = 0, sum_tt = 0, sum_tv = 0, oldest = 0;
  for (const TimedValue& point : points) {
    const double age = absl::ToDoubleSeconds(now - point.at);
    if (age > absl::ToDoubleSeconds(window)) continue;
    const double t = -age;
    oldest = std::max(oldest, age);
    n += 1;
    sum_t += t;
    sum_v += point.value;
    sum_tt += t * t;
    sum_tv += t * point.value;
  }
  const double spread = n * sum_tt - sum_t * sum_t;
  if (n < 3 || oldest < absl::ToDoubleSeconds(window) / 2 || spread <= 0) return std::nullopt;
  return (n * sum_tv - sum_t * sum_v) / spread;
}

}  // namespace chatscale::recommender
