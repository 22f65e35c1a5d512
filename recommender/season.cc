#include "recommender/season.h"

#include <algorithm>
#include <cmath>

namespace chatscale::recommender {

namespace {

constexpr std::int64_t kBinSeconds = 300, kPerDay = 288, kDays = 8;
constexpr std::size_t kBins = static_cast<std::size_t>(kPerDay * kDays);
constexpr double kUnknown = -1;
constexpr double kForgetBins = 2 * kPerDay;
// A missing slot makes tasks wait; an idle one only costs money.
constexpr double kWorth = 2;
constexpr double kEnoughJudged = kPerDay / 2.0;
constexpr std::size_t kDaysEnough = 2;

std::int64_t BinOf(absl::Time at) { return absl::ToUnixSeconds(at) / kBinSeconds; }

std::size_t PlaceOf(std::int64_t bin) {
  constexpr auto kAll = static_cast<std::int64_t>(kBins);
  return static_cast<std::size_t>((bin % kAll + kAll) % kAll);
}

// Three significant digits, as in the state file.
double Rounded(double load) {
  if (load <= 0) return 0;
  const double scale = std::pow(10, 2 - std::floor(std::log10(load)));
  return std::round(load * scale) / scale;
}

std::array<MaybeNumber, kForecasts> Foresee(const SeasonMemory& memory, std::int64_t bin) {
  std::vector<double> earlier;
  for (std::int64_t day = 1; day < kDays; ++day) {
    const double load = memory.loads[PlaceOf(bin - day * kPerDay)];
    if (load >= 0) earlier.push_back(load);
  }
  std::array<MaybeNumber, kForecasts> loads;
  if (earlier.size() < kDaysEnough) return loads;
  const double week = memory.loads[PlaceOf(bin - (kDays - 1) * kPerDay)];
  std::ranges::sort(earlier);
  loads[0] = earlier[(earlier.size() - 1) / 2];
  if (week >= 0) loads[1] = std::min(week, earlier[earlier.size() - 2]);
  return loads;
}

void Judge(const BinForecasts& foreseen, double came, SeasonMemory& memory) {
  const double keep = std::exp(-1 / kForgetBins);
  for (std::size_t i = 0; i < kForecasts; ++i) {
    SeasonScore& score = memory.scores[i];
    if (!foreseen.loads[i].has_value()) continue;
    const double load = *foreseen.loads[i];
    score.judged = keep * score.judged + 1;
    score.helped = keep * score.helped + std::max(0.0, std::min(load, came) - foreseen.known);
    score.idle = keep * score.idle + std::max(0.0, load - std::max(came, foreseen.known));
  }
}

void CloseBin(SeasonMemory& memory) {
  if (memory.count <= 0) return;
  const double came = memory.sum / memory.count;
  memory.loads[PlaceOf(memory.bin)] = Rounded(came);
  for (const BinForecasts& foreseen : memory.foreseen) {
    if (foreseen.bin == memory.bin) Judge(foreseen, came, memory);
  }
}

// Marks unmeasured bins as unknown, so that they do not keep values from eight days ago.
void OpenBin(std::int64_t bin, SeasonMemory& memory) {
  const std::int64_t passed = std::min(bin - memory.bin, static_cast<std::int64_t>(kBins));
  for (std::int64_t i = 0; i < passed; ++i) memory.loads[PlaceOf(bin - i)] = kUnknown;
  if (bin < memory.bin) memory.foreseen.clear();  // the clock went back
  memory.bin = bin;
  memory.sum = memory.count = 0;
  std::erase_if(memory.foreseen, [bin](const BinForecasts& f) { return f.bin < bin; });
}

double Gain(const SeasonScore& score) { return kWorth * score.helped - score.idle; }

}  // namespace

void LearnSeason(double load, double expected, absl::Duration lead, absl::Time now,
                 SeasonMemory& memory) {
  const std::int64_t bin = BinOf(now);
  if (memory.loads.size() != kBins) {
    memory = {};
    memory.loads.assign(kBins, kUnknown);
    memory.bin = bin;
  }
  if (bin != memory.bin) {
    CloseBin(memory);
    OpenBin(bin, memory);
  }
  memory.sum += load;
  memory.count += 1;
  const std::int64_t ahead = BinOf(now + lead);
  if (memory.foreseen.empty() || memory.foreseen.back().bin < ahead) {
    memory.foreseen.push_back({ahead, expected, Foresee(memory, ahead)});
  }
}

std::optional<Forecast> ForecastOf(const SeasonMemory& memory) {
  if (memory.foreseen.empty()) return std::nullopt;
  const BinForecasts& next = memory.foreseen.back();
  std::optional<Forecast> best;
  double best_gain = 0;
  for (std::size_t i = 0; i < kForecasts; ++i) {
    if (!next.loads[i].has_value()) continue;
    const SeasonScore& score = memory.scores[i];
    const double gain = Gain(score);
    if (best.has_value() && gain <= best_gain) continue;
    best_gain = gain;
    best = {*next.loads[i], score.judged >= kEnoughJudged && gain > 0, score};
  }
  return best;
}

}  // namespace chatscale::recommender
