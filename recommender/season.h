// Season: forecasts the load after the lead time from the same time on earlier days.
//
//   day    median of the last seven days, of the five minutes that lie a lead time ahead
//   week   the same five minutes a week ago, at most the second highest of the last seven days
//
// Each forecast is kept until its five minutes are over, with the load expected without it, and
// then scored:
//
//   helped = load that came and was forecast, above the expected load
//   idle   = load that was forecast, above both the actual and the expected load
//
// Both decay exponentially over two days. A forecast is trusted while its help is worth more than
// the idle slots. Memory: eight days of five minutes, 18 KiB. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

struct SeasonScore {
  double helped = 0, idle = 0;  // slots x five minutes; decays
  double judged = 0;            // number of forecasts; decays likewise

  // Means per forecast.
  double HelpedSlots() const { return judged > 0 ? helped / judged : 0; }
  double IdleSlots() const { return judged > 0 ? idle / judged : 0; }

  friend bool operator==(const SeasonScore&, const SeasonScore&) = default;
};

inline constexpr std::size_t kForecasts = 2;  // day, week

// Forecasts of one future bin of five minutes.
struct BinForecasts {
  std::int64_t bin = 0;                       // index of five minutes since the epoch
  double known = 0;                           // load expected without a forecast
  std::array<MaybeNumber, kForecasts> loads;  // day, week

  friend bool operator==(const BinForecasts&, const BinForecasts&) = default;
};

struct SeasonMemory {
  std::vector<double> loads;           // ring of five-minute bins over eight days; -1: not measured
  std::int64_t bin = 0;                // the bin being measured
  double sum = 0, count = 0;           // of its measurements
  std::vector<BinForecasts> foreseen;  // oldest first
  std::array<SeasonScore, kForecasts> scores;

  friend bool operator==(const SeasonMemory&, const SeasonMemory&) = default;
};

// Records the load of one evaluation, and the load `expected` after `lead` without a forecast.
void LearnSeason(double load, double expected, absl::Duration lead, absl::Time now,
                 SeasonMemory& memory);

struct Forecast {
  double load = 0;       // after the lead time, in slots
  bool trusted = false;  // it has helped more than it cost
  SeasonScore score;
};

// The better of the two; nullopt until one is known. Requires: LearnSeason of the same evaluation.
std::optional<Forecast> ForecastOf(const SeasonMemory& memory);

}  // namespace chatscale::recommender
