// What has been counted since a source began to follow its system. Counters in Prometheus' sense:
// they only grow, begin at 0 with the process, and what happened before is not in them. (The demo
// begins with its simulated hour.) Plain values.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <optional>

namespace chatscale {

// Upper bounds of the buckets in seconds, inclusive; beyond the last one there is another bucket.
// An objective's limit must be one of them.
inline constexpr std::array<double, 11> kTimeBounds = {0.1, 0.5, 1, 2, 3, 5, 10, 30, 60, 120, 300};

struct TimeHistogram {
  std::array<double, kTimeBounds.size() + 1> counts{};  // of each bucket alone
  double sum_seconds = 0;

  // Clocks that disagree make negative times; those took no time.
  void Add(double seconds) {
    const auto* bound = std::lower_bound(kTimeBounds.begin(), kTimeBounds.end(), seconds);
    counts[static_cast<std::size_t>(bound - kTimeBounds.begin())] += 1;
    sum_seconds += std::max(0.0, seconds);
  }
  double Total() const { return std::accumulate(counts.begin(), counts.end(), 0.0); }
  // How many took longer. Requires: `limit` is one of the bounds.
  double Above(double limit) const {
    const auto* bound = std::lower_bound(kTimeBounds.begin(), kTimeBounds.end(), limit);
    return std::accumulate(counts.begin() + (bound - kTimeBounds.begin()) + 1, counts.end(), 0.0);
  }
};

// nullopt: the source cannot count this.
struct EventCounts {
  std::optional<double> admitted;           // requests
  std::optional<double> rate_limited;       // requests refused with 429
  std::optional<double> backpressured;      // requests refused with 503
  std::optional<double> finished;           // tasks
  std::optional<TimeHistogram> wait, exec;  // of finished tasks
  std::optional<double> admitted_tasks;     // put into the queue
};

}  // namespace chatscale
