// What happened within the last hour, for windows of 1 and 15 minutes and one hour. Times are
// seconds, and never go back.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace chatscale {

inline constexpr std::array<double, 3> kWindowSeconds = {60, 900, 3600};

// One window of samples; percentiles by the upstream's index: value number floor(q * count),
// sorted.
struct WindowSummary {
  std::size_t count = 0;
  double mean = 0, p50 = 0, p95 = 0, p99 = 0, max = 0;  // 0 without samples
};

class Rolling {
 public:
  void Add(double at, double value) { samples_.push_back({at, value}); }
  // Forgets what is older than an hour.
  void Trim(double now);
  std::size_t size() const { return samples_.size(); }
  std::array<WindowSummary, 3> Summaries(double now) const;

 private:
  struct Sample {
    double at, value;
  };
  std::deque<Sample> samples_;
};

}  // namespace chatscale
