// Sliding windows of signals, with bounded memory:
//
//   SlidingMax   highest value of the last `window`
//   WindowMean   time-weighted mean of the last `window`, unknown until enough of it was measured
//   Trend        least-squares slope over the last `window`
//
// Upstream windows are means over pollers, so raw values are kept here. Adding a value takes
// constant time. A window holds at most kWindowSlots entries, whatever the evaluation interval: its
// resolution is window / kWindowSlots. Pure. Requires: `now` does not go back between calls.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/time/time.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

inline constexpr int kWindowSlots = 64;

struct TimedValue {
  absl::Time at;
  double value = 0;

  friend bool operator==(const TimedValue&, const TimedValue&) = default;
};

// Monotonic deque: values fall from front to back. Values closer than the resolution are merged
// into the later time and the larger value, so a maximum may outlive the window by one resolution;
// it never expires early.
struct SlidingMax {
  std::vector<TimedValue> entries;
  std::size_t head = 0;  // entries before it have expired

  void Add(absl::Time now, double value, absl::Duration window);
  MaybeNumber Max(absl::Time now, absl::Duration window);  // drops expired entries

  friend bool operator==(const SlidingMax&, const SlidingMax&) = default;
};

// Buckets of window / kWindowSlots; each value covers the time since the previous one.
struct WindowMean {
  struct Bucket {
    absl::Time start;
    double seconds = 0;  // measured time
    double area = 0;     // value x seconds

    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  std::vector<Bucket> buckets;
  absl::Time last = absl::InfinitePast();  // newest value

  // `value` covers the time since the previous one, at most `max_span`; the rest is unmeasured.
  void Add(absl::Time now, double value, absl::Duration window, absl::Duration max_span);
  // nullopt while less than `min_coverage` of the window is measured.
  MaybeNumber Mean(absl::Time now, absl::Duration window, double min_coverage) const;
  // Measured share of the window.
  double Coverage(absl::Time now, absl::Duration window) const;
  Bucket Sum(absl::Time start) const;  // of the buckets that began at or after `start`

  friend bool operator==(const WindowMean&, const WindowMean&) = default;
};

struct Trend {
  std::vector<TimedValue> points;

  void Add(absl::Time now, double value, absl::Duration window);
  // Linear interpolation between the points around `at`. nullopt outside the points, or where they
  // are further apart than `reach`.
  MaybeNumber At(absl::Time at, absl::Duration reach) const;
  // Per second; nullopt until the points span half the window.
  MaybeNumber SlopePerSecond(absl::Time now, absl::Duration window) const;

  friend bool operator==(const Trend&, const Trend&) = default;
};

}  // namespace chatscale::recommender
