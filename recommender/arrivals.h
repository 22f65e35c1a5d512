// Arrivals: how many tasks arrive at the processor, how unevenly, and whether the rate grows.
//
//   N  = ended + (in the system now - a minute ago) + refused      tasks of the last minute
//   a  = N / 60 s x S                                              offered load, in slots (Little)
//   I  = sum((N - N')^2 / 2) / sum((N + N') / 2)                   N' = N of the minute before
//   z  = I, clamped to [1, 6]                                      peakedness
//
// S is the mean service time in seconds. Busy slots lag arrivals by a service time, and show no
// more than what runs. I is the index of dispersion of counts, 1 for a Poisson process. It compares
// adjacent minutes, so that the daily pattern does not count, and decays exponentially.
//
// Where S exceeds a minute, the noise of a one-minute count is multiplied: a x (1 +- 1/sqrt(N)). So
// N is smoothed exponentially with the time constant (S - 1 min) / 2, over an effective S. Pure.
#pragma once

#include <optional>

#include "recommender/checked_signals.h"
#include "recommender/windows.h"

namespace chatscale::recommender {

inline constexpr absl::Duration kGrowthWindow = absl::Minutes(3);
// Time to detect growth and act on it; added to the lead time.
inline constexpr double kDetectionDelaySeconds = 30;

struct ArrivalMemory {
  Trend totals;         // tasks in the system, over the last two minutes
  Trend counts;         // N, over kGrowthWindow
  double smoothed = 0;  // N, exponentially smoothed where S exceeds a minute
  absl::Time paired_at = absl::InfinitePast();  // newest pair of minutes
  double pairs = 0;                             // number of pairs; decays like the sums
  double differences = 0, sums = 0;             // numerator and denominator of I

  friend bool operator==(const ArrivalMemory&, const ArrivalMemory&) = default;
};

// Records one evaluation. Learns nothing without completed tasks, or without a total a minute ago.
void LearnArrivals(const CheckedProc& checked, MaybeNumber total, double service_seconds,
                   absl::Time now, ArrivalMemory& memory);

struct OfferedLoad {
  double now = 0;         // slots; over the last minute, or over S where that is longer
  double mean = 0;        // slots; over the last two minutes, or over S where that is longer
  double growth = 0;      // slots per second beyond statistical noise; never negative
  double peakedness = 1;  // z; 1 until ten pairs of minutes are known
};

// nullopt: arrivals were not measured at `now`. Growth is the least-squares slope over
// kGrowthWindow minus two standard errors: S x sqrt(12 z lambda / T^3), for T seconds of arrivals
// at rate lambda.
std::optional<OfferedLoad> OfferedLoadOf(const ArrivalMemory& memory, absl::Time now,
                                         double service_seconds);

}  // namespace chatscale::recommender
