#include "recommender/windows.h"

#include <gtest/gtest.h>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

constexpr absl::Duration kWindow = absl::Minutes(10);

TEST(SlidingMax, ForgetsAfterTheWindowNotBefore) {
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

}  // namespace
}  // namespace chatscale::recommender
