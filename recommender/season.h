// The same time on earlier days: what the load will be when a replica that is asked for now runs.
//
//   day    median of the last seven days, of the five minutes that lie a lead time ahead
//   week   the same five minutes a week ago, at most the second highest of the last seven days
//
// Neither is believed because it is there. Each forecast is kept until its five minutes are over,
// with what was known without it, and then judged:
//
//   helped = what came, as far as the forecast had it, above what was known
//   idle   = what the forecast had above both
//
// both forgotten exponentially over two days. A forecast counts while its help is worth more than
// what stood idle for it. Memory: eight days of five minutes, 18 KiB. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

struct SeasonScore {
  double helped = 0, idle = 0;  // slots x five minutes, forgotten
  double judged = 0;            // forecasts, forgotten likewise

  // On average.
  double HelpedSlots() const { return judged > 0 ? helped / judged : 0; }
  double IdleSlots() const { return judged > 0 ? idle / judged : 0; }

  friend bool operator==(const SeasonScore&, const SeasonScore&) = default;
};

inline constexpr std::size_t kForecasts = 2;  // day, week

// What was said of five minutes to come.
struct Foreseen {
  std::int64_t bin = 0;                       // five minutes since the epoch
  double known = 0;                           // load expected without a forecast
  std::array<MaybeNumber, kForecasts> loads;  // day, week

  friend bool operator==(const Foreseen&, const Foreseen&) = default;
};

struct SeasonMemory {
  std::vector<double> loads;       // one for every five minutes of eight days, -1: not measured
  std::int64_t bin = 0;            // that is being measured
  double sum = 0, count = 0;       // of what was measured in it
  std::vector<Foreseen> foreseen;  // oldest first
  std::array<SeasonScore, kForecasts> scores;

  friend bool operator==(const SeasonMemory&, const SeasonMemory&) = default;
};

// Notes the load of one tick, and what is expected a `lead` later without a forecast.
void LearnSeason(double load, double expected, absl::Duration lead, absl::Time now,
                 SeasonMemory& memory);

struct Forecast {
  double load = 0;       // of a lead time ahead, in slots
  bool trusted = false;  // it has helped more than it cost
  SeasonScore score;
};

// The better of the two. nullopt until one is known. After LearnSeason of the same tick.
std::optional<Forecast> ForecastOf(const SeasonMemory& memory);

}  // namespace chatscale::recommender
