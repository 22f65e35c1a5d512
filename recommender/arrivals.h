// What arrives at the processor: how many tasks, how unevenly, and whether they become more.
//
//   N  = ended + (in the system now - a minute ago) + refused      tasks of the last minute
//   a  = N / 60 s x S                                              offered load, in slots (Little)
//   I  = sum((N - N')^2 / 2) / sum((N + N') / 2)                   N' = N of the minute before
//   z  = I, from 1 to 6                                            peakedness
//
// Busy slots lag by a service time and show no more than what runs; arrivals do neither. I is the
// index of dispersion of counts, 1 for a Poisson process; adjacent minutes are compared so that a
// day's rise and fall does not count, and what is old is forgotten exponentially.
//
// Tasks that run for minutes multiply the chance in the count of one minute: a x (1 +- 1/sqrt(N)).
// So N is smoothed exponentially, with half of what S exceeds a minute as the time constant: over
// an effective S, in which the busy slots themselves vary as much. Pure.
#pragma once

#include <optional>

#include "recommender/readings.h"
#include "recommender/windows.h"

namespace chatscale::recommender {

inline constexpr absl::Duration kGrowthWindow = absl::Minutes(3);
// Until growth is seen and acted upon; comes on top of the lead time.
inline constexpr double kNoticedSeconds = 30;

struct ArrivalMemory {
  Trend totals;                                 // tasks in the system, over more than a minute
  Trend counts;                                 // N, over kGrowthWindow
  double smoothed = 0;                          // N, as far as tasks take longer than a minute
  absl::Time paired_at = absl::InfinitePast();  // newest pair of minutes
  double pairs = 0;                             // how many, forgotten like their sums
  double differences = 0, sums = 0;             // of I

  friend bool operator==(const ArrivalMemory&, const ArrivalMemory&) = default;
};

// Notes one tick. Without ended tasks, or a total a minute ago, it learns nothing.
void LearnArrivals(const ProcReadings& readings, MaybeNumber total, double service_seconds,
                   absl::Time now, ArrivalMemory& memory);

struct OfferedLoad {
  double now = 0;         // slots, by the last minute, or a service time that is longer
  double mean = 0;        // by the last two minutes, or the same
  double growth = 0;      // slots per second beyond what chance explains; never negative
  double peakedness = 1;  // z; 1 until ten pairs of minutes were seen
};

// nullopt: arrivals were not measured at `now`. Growth is the least-squares slope over
// kGrowthWindow less two standard errors of it: S x sqrt(12 z lambda / T^3) for T seconds of
// arrivals at a rate of lambda.
std::optional<OfferedLoad> OfferedLoadOf(const ArrivalMemory& memory, absl::Time now,
                                         double service_seconds);

}  // namespace chatscale::recommender
