// Sliding windows: with a window of 640 s the resolution is 640 / kWindowSlots = 10 s, whether a
// value comes every second or every minute.
#include "recommender/windows.h"

#include <algorithm>
#include <cstdint>

namespace chatscale::recommender {

namespace {

constexpr auto kSlots = static_cast<std::ptrdiff_t>(kWindowSlots);

}  // namespace

// A value not above a later one can never be the maximum again, so it is dropped: the kept values
// fall from front to back, and the front is the maximum. Adding 5, 3, 4 keeps 5, 4; once 5 has
// expired, the maximum is 4. A value within a resolution of the last but one replaces the last: the
// larger value stays, with the later time.
void SlidingMax::Add(absl::Time now, double value, absl::Duration window) {
  while (entries.size() > head && entries.back().value <= value) entries.pop_back();
  if (entries.size() == head) {
    entries.clear();
    head = 0;
  } else if (entries.size() > head + 1 && now - entries[entries.size() - 2].at < window / kSlots) {
    entries.back().at = now;
    return;
  }
  if (head >= static_cast<std::size_t>(kSlots)) {  // rarely, when many have expired
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(head));
    head = 0;
  }
  entries.push_back({now, value});
}

MaybeNumber SlidingMax::Max(absl::Time now, absl::Duration window) {
  const absl::Time start = now - window;
  while (head < entries.size() && entries[head].at < start) ++head;
  if (head == entries.size()) return std::nullopt;
  return entries[head].value;
}

// A value covers the time since the previous one: 0.5, and 10 s later 0.9, adds 10 s at 0.9. So a
// second poller adds no weight. Time is summed in buckets of one resolution; of a gap only
// `max_span` counts.
void WindowMean::Add(absl::Time now, double value, absl::Duration window, absl::Duration max_span) {
  const bool first = last == absl::InfinitePast();  // it is unknown since when the value holds
  const absl::Duration counted = std::min(now - last, max_span);
  last = now;
  if (first || counted <= absl::ZeroDuration()) return;
  const double seconds = absl::ToDoubleSeconds(counted);
  if (buckets.empty() || now - buckets.back().start >= window / kSlots) {
    const auto expired = [&](const Bucket& bucket) { return now - bucket.start >= window; };
    if (!buckets.empty() && expired(buckets.front())) {
      buckets.erase(buckets.begin(), std::find_if_not(buckets.begin(), buckets.end(), expired));
    }
    buckets.push_back({now - counted, 0, 0});
  }
  buckets.back().seconds += seconds;
  buckets.back().area += value * seconds;
}

// Buckets of 10 s at 0.9 and 30 s at 0.5: (9 + 15) / 40 = 0.6, if 40 s cover enough of the window.
MaybeNumber WindowMean::Mean(absl::Time now, absl::Duration window, double min_coverage) const {
  const WindowMean::Bucket sum = Sum(now - window);
  if (sum.seconds <= 0 || sum.seconds < min_coverage * absl::ToDoubleSeconds(window)) {
    return std::nullopt;
  }
  return sum.area / sum.seconds;
}

double WindowMean::Coverage(absl::Time now, absl::Duration window) const {
  return Sum(now - window).seconds / absl::ToDoubleSeconds(window);
}

WindowMean::Bucket WindowMean::Sum(absl::Time start) const {
  Bucket sum{start, 0, 0};
  for (const Bucket& bucket : buckets) {
    if (bucket.start < start) continue;
    sum.seconds += bucket.seconds;
    sum.area += bucket.area;
  }
  return sum;
}

// At most one point per resolution: a newer one replaces the last if that is too close to the last
// but one.
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

// Points (10:00, 4) and (10:20, 8): 5 at 10:05.
MaybeNumber Trend::At(absl::Time at, absl::Duration reach) const {
  const auto later = std::ranges::find_if(points, [&](const TimedValue& p) { return p.at >= at; });
  if (later == points.end()) return std::nullopt;
  if (later->at == at) return later->value;
  if (later == points.begin()) return std::nullopt;
  const TimedValue& before = *std::prev(later);
  if (later->at - before.at > reach) return std::nullopt;
  const double part = absl::FDivDuration(at - before.at, later->at - before.at);
  return before.value + part * (later->value - before.value);
}

// Least squares: slope = (n sum(tv) - sum(t) sum(v)) / (n sum(tt) - sum(t)^2), with t counted back
// from `now` to keep the sums small. Points (-60, 10), (-30, 16), (0, 22): n = 3, sum(t) = -90,
// sum(v) = 48, sum(tt) = 4500, sum(tv) = -1080; (-3240 + 4320) / (13500 - 8100) = 0.2 per second.
MaybeNumber Trend::SlopePerSecond(absl::Time now, absl::Duration window) const {
  const absl::Time start = now - window;
  const std::int64_t end = absl::ToUnixNanos(now);  // integers are cheaper than a Duration
  double n = 0, sum_t = 0, sum_v = 0, sum_tt = 0, sum_tv = 0, oldest = 0;
  for (const TimedValue& point : points) {
    if (point.at < start) continue;
    const double t = 1e-9 * static_cast<double>(absl::ToUnixNanos(point.at) - end);
    oldest = std::min(oldest, t);
    n += 1;
    sum_t += t;
    sum_v += point.value;
    sum_tt += t * t;
    sum_tv += t * point.value;
  }
  const double spread = n * sum_tt - sum_t * sum_t;
  if (n < 3 || -oldest < absl::ToDoubleSeconds(window) / 2 || spread <= 0) return std::nullopt;
  return (n * sum_tv - sum_t * sum_v) / spread;
}

}  // namespace chatscale::recommender
