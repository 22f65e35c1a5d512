#include "recommender/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

constexpr absl::Duration kWindow = absl::Minutes(10);

TEST(SlidingMax, ExpiresAfterTheWindow) {
  SlidingMax max;
  max.Add(kStart, 9, kWindow);
  max.Add(kStart + absl::Minutes(1), 3, kWindow);
  EXPECT_EQ(max.Max(kStart + kWindow, kWindow), 9);
  EXPECT_EQ(max.Max(kStart + kWindow + absl::Seconds(1), kWindow), 3);
  EXPECT_EQ(max.Max(kStart + 2 * kWindow, kWindow), std::nullopt);
}

TEST(SlidingMax, StaysSmallAndNeverUnderestimates) {
  SlidingMax max;
  for (int i = 0; i < 5000; ++i) {
    const absl::Time now = kStart + absl::Seconds(i);
    max.Add(now, 10000 - i, kWindow);
    EXPECT_GE(max.Max(now, kWindow), 10000 - std::max(0, i - 600));
  }
  EXPECT_LE(max.entries.size(), 3u * kWindowSlots);
}

TEST(WindowMean, IsWeightedByTime) {
  WindowMean mean;
  mean.Add(kStart, 0, kWindow, absl::Minutes(2));
  for (int i = 1; i <= 8; ++i)
    mean.Add(kStart + i * absl::Minutes(1), 1, kWindow, absl::Minutes(2));
  for (int i = 1; i <= 40; ++i) {
    mean.Add(kStart + absl::Minutes(8) + i * absl::Seconds(3), 0, kWindow, absl::Minutes(2));
  }
  EXPECT_NEAR(*mean.Mean(kStart + absl::Minutes(10), kWindow, 0.8), 0.8, 0.03);
}

TEST(WindowMean, IsUnknownUntilEnoughWasMeasured) {
  WindowMean mean;
  for (int i = 0; i <= 7; ++i)
    mean.Add(kStart + i * absl::Minutes(1), 1, kWindow, absl::Minutes(2));
  EXPECT_EQ(mean.Mean(kStart + absl::Minutes(7), kWindow, 0.8), std::nullopt);
  mean.Add(kStart + absl::Minutes(8), 1, kWindow, absl::Minutes(2));
  EXPECT_EQ(mean.Mean(kStart + absl::Minutes(8), kWindow, 0.8), 1);
}

TEST(Trend, FindsTheSlopeOnceHalfTheWindowIsSeen) {
  Trend trend;
  for (int i = 0; i <= 20; ++i) {
    const absl::Time now = kStart + i * absl::Seconds(15);
    trend.Add(now, 3.0 * i, kWindow);
    if (i < 20) {
      EXPECT_EQ(trend.SlopePerSecond(now, kWindow), std::nullopt) << i;
    }
  }
  EXPECT_NEAR(*trend.SlopePerSecond(kStart + absl::Minutes(5), kWindow), 0.2, 1e-9);
}

// The rest looks inside: a window of 640 s has a resolution of 10 s.
const absl::Duration kFine = kWindowSlots * absl::Seconds(10);

absl::Time At(double seconds) { return kStart + absl::Seconds(seconds); }

std::vector<std::pair<double, double>> Points(const std::vector<TimedValue>& values) {
  std::vector<std::pair<double, double>> points;
  for (const TimedValue& v : values)
    points.emplace_back(absl::ToDoubleSeconds(v.at - kStart), v.value);
  return points;
}

using testing::ElementsAre;
using testing::Pair;

TEST(SlidingMax, KeepsOnlyMaximumCandidates) {
  SlidingMax max;
  max.Add(At(0), 5, kFine);
  max.Add(At(20), 3, kFine);
  max.Add(At(40), 4, kFine);
  EXPECT_THAT(Points(max.entries), ElementsAre(Pair(0, 5), Pair(40, 4)));
  max.Add(At(60), 4, kFine);
  EXPECT_THAT(Points(max.entries), ElementsAre(Pair(0, 5), Pair(60, 4))) << "the later of equals";
  max.Add(At(80), 6, kFine);
  EXPECT_THAT(Points(max.entries), ElementsAre(Pair(80, 6)));
}

TEST(SlidingMax, EntriesWithinTheResolutionAreMerged) {
  SlidingMax max;
  max.Add(At(0), 9, kFine);
  max.Add(At(4), 8, kFine);
  max.Add(At(9.5), 7, kFine);
  EXPECT_THAT(Points(max.entries), ElementsAre(Pair(0, 9), Pair(9.5, 8))) << "later and larger";
  max.Add(At(10), 6, kFine);
  EXPECT_THAT(Points(max.entries), ElementsAre(Pair(0, 9), Pair(9.5, 8), Pair(10, 6)));
}

TEST(SlidingMax, ExpiredEntriesAreCompacted) {
  SlidingMax max;
  for (int i = 0; i < 1000; ++i) {
    max.Add(At(10 * i), -i, kFine);
    EXPECT_LT(max.head, static_cast<std::size_t>(kWindowSlots));
    EXPECT_EQ(max.Max(At(10 * i), kFine), -std::max(0, i - kWindowSlots));
  }
  EXPECT_EQ(max.Max(At(1e6), kFine), std::nullopt);
  max.Add(At(1e6), 1, kFine);
  EXPECT_EQ(max.head, 0U);
  EXPECT_THAT(Points(max.entries), ElementsAre(Pair(1e6, 1)));
}

std::vector<std::pair<double, double>> Areas(const WindowMean& mean) {
  std::vector<std::pair<double, double>> areas;
  for (const WindowMean::Bucket& b : mean.buckets) areas.emplace_back(b.seconds, b.area);
  return areas;
}

TEST(WindowMean, CollectsTimeInBuckets) {
  WindowMean mean;
  const auto add = [&](double at, double value) {
    mean.Add(At(at), value, kFine, absl::Seconds(30));
  };
  add(0, 100);  // stands for nothing: nobody knows since when
  add(0, 100);
  EXPECT_THAT(mean.buckets, testing::IsEmpty());
  add(4, 2);
  add(4, 50);  // the same instant
  add(9, 3);
  EXPECT_THAT(Areas(mean), ElementsAre(Pair(9, 4 * 2 + 5 * 3)));
  EXPECT_EQ(mean.buckets[0].start, At(0));
  add(10, 7);
  EXPECT_THAT(Areas(mean), ElementsAre(Pair(9, 23), Pair(1, 7)));
  EXPECT_EQ(mean.buckets[1].start, At(9));
  add(40, 1);   // as long a silence as a value stands for
  add(100, 9);  // of a longer one only its end is known
  EXPECT_THAT(Areas(mean), ElementsAre(Pair(9, 23), Pair(1, 7), Pair(30, 30), Pair(30, 270)));
  EXPECT_EQ(mean.buckets[3].start, At(70));
  EXPECT_DOUBLE_EQ(*mean.Mean(At(100), kFine, 70.0 / 640), 330.0 / 70);
  EXPECT_EQ(mean.Mean(At(100), kFine, 70.1 / 640), std::nullopt);
  EXPECT_DOUBLE_EQ(mean.Coverage(At(100), kFine), 70.0 / 640);
}

TEST(WindowMean, DropsBucketsBeforeTheWindow) {
  WindowMean mean;
  for (int i = 0; i <= 63; ++i) mean.Add(At(10 * i), i == 1 ? 100 : 1, kFine, absl::Seconds(30));
  EXPECT_EQ(mean.buckets.size(), 63U);
  EXPECT_DOUBLE_EQ(*mean.Mean(At(640), kFine, 0.9), (100 + 62) / 63.0);
  EXPECT_DOUBLE_EQ(*mean.Mean(At(641), kFine, 0.9), 1) << "the first began 641 s ago";
  mean.Add(At(639), 1, kFine, absl::Seconds(30));
  EXPECT_EQ(mean.buckets.size(), 64U);
  mean.Add(At(640), 1, kFine, absl::Seconds(30));
  EXPECT_EQ(mean.buckets.size(), 64U);
  EXPECT_EQ(mean.buckets.front().start, At(10));
}

TEST(WindowMean, IsUnknownWithoutMeasurements) {
  WindowMean mean;
  EXPECT_EQ(mean.Mean(kStart, kFine, 0), std::nullopt);
  mean.Add(At(0), 3, kFine, absl::Seconds(30));
  mean.Add(At(0.5), 3, kFine, absl::Seconds(30));
  EXPECT_EQ(mean.Mean(At(0.5), kFine, 0), 3) << "but half a second has";
}

TEST(Trend, KeepsOnePointForEachStepOfTheResolution) {
  Trend trend;
  trend.Add(At(0), 1, kFine);
  trend.Add(At(4), 2, kFine);
  trend.Add(At(9.5), 3, kFine);
  EXPECT_THAT(Points(trend.points), ElementsAre(Pair(0, 1), Pair(9.5, 3)));
  trend.Add(At(10), 4, kFine);
  EXPECT_THAT(Points(trend.points), ElementsAre(Pair(0, 1), Pair(9.5, 3), Pair(10, 4)));
  trend.Add(At(640), 5, kFine);
  EXPECT_EQ(trend.points.size(), 4U) << "the first is as old as the window";
  trend.Add(At(649.5), 6, kFine);
  EXPECT_THAT(Points(trend.points),
              ElementsAre(Pair(9.5, 3), Pair(10, 4), Pair(640, 5), Pair(649.5, 6)));
}

// The example at the function.
TEST(Trend, IsTheSlopeOfTheLeastSquares) {
  Trend trend;
  trend.Add(At(0), 10, absl::Seconds(120));
  trend.Add(At(30), 16, absl::Seconds(120));
  EXPECT_EQ(trend.SlopePerSecond(At(60), absl::Seconds(120)), std::nullopt) << "two points";
  trend.Add(At(60), 22, absl::Seconds(120));
  EXPECT_DOUBLE_EQ(*trend.SlopePerSecond(At(60), absl::Seconds(120)), 0.2);
  EXPECT_EQ(trend.SlopePerSecond(At(60), absl::Seconds(120.1)), std::nullopt)
      << "they span less than half of it";
  trend.Add(At(90), 16, absl::Seconds(120));
  // Around the means (-45, 16): 360 / 4500.
  EXPECT_DOUBLE_EQ(*trend.SlopePerSecond(At(90), absl::Seconds(120)), 0.08);
}

TEST(Trend, LooksNoFurtherBackThanTheWindow) {
  Trend trend;
  for (const int at : {0, 30, 60, 90, 120})
    trend.Add(At(at), at == 0 ? 1000 : at, absl::Minutes(10));
  EXPECT_DOUBLE_EQ(*trend.SlopePerSecond(At(120), absl::Seconds(119)), 1);
  EXPECT_LT(*trend.SlopePerSecond(At(120), absl::Seconds(120)), 0) << "the first counts still";
}

TEST(Trend, AcceptsSubSecondWindow) {
  Trend trend;
  for (const double at : {0.0, 0.15, 0.3}) trend.Add(At(at), 2 * at, absl::Seconds(0.6));
  EXPECT_NEAR(*trend.SlopePerSecond(At(0.3), absl::Seconds(0.6)), 2, 1e-9);
  EXPECT_EQ(trend.SlopePerSecond(At(0.3), absl::Seconds(0.61)), std::nullopt);
}

TEST(Trend, PointsOfOneInstantHaveNoSlope) {
  Trend trend;
  for (int i = 0; i < 4; ++i) trend.points.push_back({kStart, 1.0 * i});
  EXPECT_EQ(trend.SlopePerSecond(At(400), kFine), std::nullopt);
}

TEST(Trend, InterpolatesUpToTheMaximumGap) {
  Trend trend;
  trend.Add(kStart, 4, absl::Minutes(3));
  trend.Add(kStart + absl::Minutes(1), 8, absl::Minutes(3));
  const absl::Time between = kStart + absl::Seconds(30);
  EXPECT_EQ(trend.At(between, absl::Minutes(1)), 6);
  EXPECT_EQ(trend.At(between, absl::Seconds(59)), std::nullopt);
}

}  // namespace
}  // namespace chatscale::recommender
