#include "recommender/arrivals.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

// Minutes in which so many tasks end, played every 15 s.
struct Arrivals {
  ArrivalMemory memory;
  absl::Time now = kStart;
  double total = 60;
  double service = 20;

  void Tick(double completed, double grown, MaybeNumber refused = {}) {
    now += absl::Seconds(15);
    total += grown;
    CheckedProc checked;
    checked.total = total;
    checked.completed = completed;
    checked.refused = refused;
    LearnArrivals(checked, checked.total, service, now, memory);
  }
  std::optional<OfferedLoad> Load(double service_seconds = 20) const {
    return OfferedLoadOf(memory, now, service_seconds);
  }
};

TEST(Arrivals, AreCompletionsPlusQueueGrowthPlusRefusals) {
  Arrivals arrivals;
  for (int i = 0; i < 4; ++i) arrivals.Tick(120, 0);
  EXPECT_EQ(arrivals.Load(), std::nullopt) << "nothing is known of a minute ago";
  arrivals.Tick(120, 0);
  EXPECT_EQ(arrivals.Load()->now, 120.0 / 60 * 20);
  for (int i = 0; i < 4; ++i) arrivals.Tick(120, 3);
  EXPECT_EQ(arrivals.Load()->now, 132.0 / 60 * 20);
  arrivals.Tick(120, 3, 30);
  EXPECT_EQ(arrivals.Load()->now, 162.0 / 60 * 20);
  EXPECT_EQ(arrivals.Load()->mean, (162.0 + 123) / 2 / 60 * 20) << "with the minute before";
  for (int i = 0; i < 4; ++i) arrivals.Tick(10, -5);
  EXPECT_EQ(arrivals.Load()->now, 0) << "counts that contradict each other";
}

// The count of a minute, times a service time of four, would make a great need of a little chance.
TEST(Arrivals, AreSmoothedForLongTasks) {
  Arrivals arrivals;
  arrivals.service = 240;
  for (int i = 0; i < 40; ++i) arrivals.Tick(12, 0);
  EXPECT_DOUBLE_EQ(arrivals.Load(240)->now, 12.0 / 60 * 240);
  for (int i = 0; i < 6; ++i) arrivals.Tick(24, 0);  // as many seconds as the time constant
  EXPECT_NEAR(arrivals.Load(240)->now, (24 - 12 / std::exp(1)) / 60 * 240, 1e-9);
  arrivals.now += absl::Minutes(3);
  for (int i = 0; i < 5; ++i) arrivals.Tick(6, 0);
  EXPECT_DOUBLE_EQ(arrivals.Load(240)->now, 6.0 / 60 * 240) << "of what was before a gap nothing";
}

TEST(Arrivals, AreUnknownWithoutTheirInputs) {
  Arrivals arrivals;
  for (int i = 0; i < 9; ++i) arrivals.Tick(120, 0);
  ASSERT_TRUE(arrivals.Load().has_value());
  CheckedProc checked;
  checked.total = 60;
  arrivals.now += absl::Seconds(15);
  LearnArrivals(checked, checked.total, 20, arrivals.now, arrivals.memory);
  EXPECT_EQ(arrivals.Load(), std::nullopt) << "nothing ended, as far as is known";
  checked.total.reset();
  checked.completed = 120;
  arrivals.now += absl::Seconds(15);
  LearnArrivals(checked, checked.total, 20, arrivals.now, arrivals.memory);
  EXPECT_EQ(arrivals.Load(), std::nullopt);
  arrivals.now += absl::Seconds(61);
  arrivals.Tick(120, 0);
  EXPECT_EQ(arrivals.Load(), std::nullopt) << "a gap: who knows what was a minute ago";
}

// Minutes of 100 and of 140 in turn: (40^2 / 2) / 120 = 6.67 of dispersion; 110 and 130: 1.67.
TEST(Arrivals, PeakednessIsDispersionOfMinuteCounts) {
  struct Row {
    double low, high, peakedness;
  };
  for (const Row& row : {Row{120, 120, 1}, Row{110, 130, 200.0 / 120}, Row{100, 140, 6}}) {
    Arrivals arrivals;
    int tick = 0;
    const auto minutes = [&](int count) {
      for (int i = 0; i < 4 * count; ++i)
        arrivals.Tick(tick++ / 4 % 2 == 0 ? row.low : row.high, 0);
    };
    minutes(11);
    EXPECT_EQ(arrivals.Load()->peakedness, 1) << "too few pairs";
    minutes(20);
    EXPECT_NEAR(arrivals.Load()->peakedness, row.peakedness, 1e-9) << row.low;
  }
}

TEST(Arrivals, DispersionDecaysOverHalfAnHour) {
  Arrivals arrivals;
  for (int i = 0; i < 4 * 300; ++i) arrivals.Tick(i / 4 % 2 == 0 ? 110 : 130, 0);
  const double before = arrivals.memory.differences;
  for (int i = 0; i < 4 * 30; ++i) arrivals.Tick(130, 0);
  EXPECT_NEAR(arrivals.memory.differences / before, std::exp(-1), 0.05);
  EXPECT_NEAR(arrivals.memory.pairs, 30.5, 0.1) << "1 / (1 - exp(-1/30))";
}

TEST(Arrivals, OnlySignificantGrowthCounts) {
  const auto growth = [](double per_tick) {
    Arrivals arrivals;
    double count = 120;
    for (int i = 0; i < 20; ++i) arrivals.Tick(count += per_tick, 0);
    return arrivals.Load()->growth;
  };
  EXPECT_EQ(growth(0), 0);
  EXPECT_EQ(growth(-5), 0);
  EXPECT_EQ(growth(1), 0) << "chance explains as much";
  // 6 a tick: 0.4 / s x 20 / 60 = 0.1333 slots / s, less 2 x 20 x sqrt(12 x 3.8 / 180^3).
  EXPECT_NEAR(growth(6), 0.4 * 20 / 60 - 2 * 20 * std::sqrt(12 * 228.0 / 60 / std::pow(180, 3)),
              1e-9);
}

// As above, but with arrivals that are three times as uneven: a wider error.
TEST(Arrivals, PeakednessWidensTheGrowthTolerance) {
  Arrivals arrivals;
  double count = 120;
  for (int i = 0; i < 19; ++i) arrivals.Tick(count += 16, 0);
  arrivals.memory.pairs = 20;
  arrivals.memory.differences = 60;
  arrivals.memory.sums = 20;
  arrivals.memory.paired_at = arrivals.now;
  arrivals.Tick(count += 16, 0);
  const double slope = 16.0 / 15 * 20 / 60, rate = (440 + 376) / 2.0 / 60;
  EXPECT_NEAR(arrivals.Load()->growth, slope - 2 * 20 * std::sqrt(12 * 3 * rate / std::pow(180, 3)),
              1e-9);
}

// Pairs of minutes are forgotten over 30 min: the twelfth makes them ten.
TEST(Arrivals, PeakednessNeedsTenPairsOfMinutes) {
  Arrivals arrivals;
  int minutes = 0;
  do {
    for (int i = 0; i < 4; ++i) arrivals.Tick(minutes % 2 == 0 ? 100 : 140, 0);
    ++minutes;
  } while (arrivals.Load().value_or(OfferedLoad{}).peakedness == 1 && minutes < 100);
  EXPECT_EQ(minutes, 14);
}

TEST(Arrivals, PeakednessIsOneWithoutArrivals) {
  Arrivals arrivals;
  for (int i = 0; i < 200; ++i) arrivals.Tick(0, 0);
  EXPECT_EQ(arrivals.Load()->peakedness, 1);
  EXPECT_EQ(arrivals.Load()->growth, 0);
  EXPECT_GE(arrivals.memory.totals.points.front().at, arrivals.now - absl::Minutes(2));
}

TEST(Trend, InterpolatesBetweenPoints) {
  Trend trend;
  trend.Add(kStart, 4, absl::Minutes(10));
  trend.Add(kStart + absl::Seconds(20), 8, absl::Minutes(10));
  trend.Add(kStart + absl::Seconds(100), 9, absl::Minutes(10));
  const auto at = [&](int second) {
    return trend.At(kStart + absl::Seconds(second), absl::Minutes(1));
  };
  EXPECT_EQ(at(0), 4);
  EXPECT_EQ(at(5), 5);
  EXPECT_EQ(at(20), 8);
  EXPECT_EQ(at(100), 9);
  EXPECT_EQ(at(60), std::nullopt) << "the points are too far apart";
  EXPECT_EQ(at(-1), std::nullopt);
  EXPECT_EQ(at(101), std::nullopt);
}

}  // namespace
}  // namespace chatscale::recommender
