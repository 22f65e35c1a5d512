// The newest points of one target, in as little memory as they take.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace chatscale {

// Both services at one time. NaN and -1: not known.
struct HistoryPoint {
  static constexpr std::size_t kMostSignals = 10;  // of both services together
  static constexpr std::int16_t kUnknown = -1;

  std::int64_t at_milliseconds = 0;
  std::array<float, kMostSignals> signals{};
  std::array<std::int16_t, 2> current{}, desired{};  // by service

  absl::Time at() const { return absl::FromUnixMillis(at_milliseconds); }
};

class PointRing {
 public:
  explicit PointRing(std::size_t capacity) : capacity_(capacity) {}

  std::size_t capacity() const { return capacity_; }
  // Keeps the newest.
  void Resize(std::size_t capacity);
  // Takes the place of the oldest when full.
  void Add(const HistoryPoint& point);
  void Clear();
  const HistoryPoint* newest() const;
  std::vector<HistoryPoint> Since(absl::Time begin) const;  // oldest first
  std::size_t bytes() const { return points_.capacity() * sizeof(HistoryPoint); }

 private:
  std::vector<HistoryPoint> InOrder() const;

  std::size_t capacity_;
  std::size_t next_ = 0;  // where the next goes, once full
  std::vector<HistoryPoint> points_;
};

}  // namespace chatscale
