// What the recommender remembers of its signals: three small windows with bounded memory.
//
//   SlidingMax   highest value of the last `window`
//   WindowMean   time-weighted mean of the last `window`, unknown until enough of it was measured
//   Trend        least-squares slope over the last `window`
//
// Upstream's own windows are means over whoever polled, so raw values are kept here instead. The
// cost of a value is constant; no window holds more than kWindowSlots entries, whatever the
// polling interval: a resolution of window / kWindowSlots is all that is kept. Pure.
// Requires of all: `now` does not go back between calls.
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

// Monotonic deque: values fall from front to back. Values closer together than the resolution are
// merged into the later and larger, so a maximum may outlive the window by one resolution, never
// the other way round.
struct SlidingMax {
  std::vector<TimedValue> entries;
  std::size_t head = 0;  // entries before it have expired

  void Add(absl::Time now, double value, absl::Duration window);
  MaybeNumber Max(absl::Time now, absl::Duration window);  // drops what has expired

  friend bool operator==(const SlidingMax&, const SlidingMax&) = default;
};

// Buckets of window / kWindowSlots; each value stands for the time since the previous one.
struct WindowMean {
  struct Bucket {
    absl::Time start;
    double seconds = 0;  // measured time
    double area = 0;     // value x seconds

    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  std::vector<Bucket> buckets;
  absl::Time last = absl::InfinitePast();  // newest value

  // The value stands for the time since the previous one, for `stands_for` at most: what was
  // before, nobody measured.
  void Add(absl::Time now, double value, absl::Duration window, absl::Duration stands_for);
  // nullopt while less than `min_coverage` of the window was measured.
  MaybeNumber Mean(absl::Time now, absl::Duration window, double min_coverage) const;
  // Share of the window that was measured.
  double Coverage(absl::Time now, absl::Duration window) const;
  Bucket Sum(absl::Time start) const;  // of the buckets begun since

  friend bool operator==(const WindowMean&, const WindowMean&) = default;
};

struct Trend {
  std::vector<TimedValue> points;

  void Add(absl::Time now, double value, absl::Duration window);
  // Between the points around `at`, linearly. nullopt where it is not between two, or where they
  // are further apart than `reach`.
  MaybeNumber At(absl::Time at, absl::Duration reach) const;
  // Per second. nullopt until the points span half the window.
  MaybeNumber SlopePerSecond(absl::Time now, absl::Duration window) const;

  friend bool operator==(const Trend&, const Trend&) = default;
};

}  // namespace chatscale::recommender
