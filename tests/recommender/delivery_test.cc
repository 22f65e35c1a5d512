#include <gtest/gtest.h>

#include <cmath>

#include "recommender/recommendation.h"

namespace chatscale::recommender {
namespace {

// HPA, external metric, AverageValue 1 (replica_calculator.go): inside the band nothing changes.
int Hpa(double metric, int status, double tolerance) {
  const double ratio = metric / status;
  if (ratio >= 1 - tolerance && ratio <= 1 + tolerance) return status;
  return static_cast<int>(std::ceil(metric));
}

TEST(AutoscalerValues, HpaWithoutToleranceReachesEveryCount) {
  for (int current = 1; current <= 200; ++current) {
    for (int desired = 1; desired <= 200; ++desired) {
      EXPECT_EQ(Hpa(desired, current, 0), desired);
    }
  }
}

TEST(AutoscalerValues, CompensatedHpaNeverSettlesBelowDesired) {
  for (int start = 1; start <= 200; ++start) {
    for (int desired = 1; desired <= 200; ++desired) {
      int current = start;
      int moves = 0;
      for (; moves < 10; ++moves) {
        const int next = Hpa(CompensateForTolerance(desired, current), current, 0.1);
        if (next == current) break;
        current = next;
      }
      ASSERT_LT(moves, 10) << start << " to " << desired << " does not settle";
      ASSERT_GE(current, desired) << start;
      ASSERT_LE(current, desired * 1.12 + 1) << start;
    }
  }
}

TEST(AutoscalerValues, CompensatesChangesWithinHpaTolerance) {
  EXPECT_EQ(CompensateForTolerance(11, 10), 12);
  EXPECT_EQ(CompensateForTolerance(12, 10), 12);
  EXPECT_EQ(CompensateForTolerance(101, 100), 111);
  EXPECT_EQ(CompensateForTolerance(9, 10), 9);
}

TEST(AutoscalerValues, AreUnknownWithoutRecommendation) {
  const AutoscalerValues values = AutoscalerValuesOf(Recommendation{});
  EXPECT_FALSE(values.valid);
  EXPECT_EQ(values.desired, std::nullopt);
  EXPECT_EQ(values.compensated, std::nullopt);
  EXPECT_EQ(values.ratio_percent, std::nullopt);
}

TEST(AutoscalerValues, RatioIsPerObservedReplica) {
  Recommendation recommendation;
  recommendation.desired = 6;
  recommendation.current = 4;
  EXPECT_EQ(AutoscalerValuesOf(recommendation).ratio_percent, 150);
  recommendation.current = 1;
  EXPECT_EQ(AutoscalerValuesOf(recommendation).ratio_percent, 600);
  recommendation.current = 12;
  EXPECT_EQ(AutoscalerValuesOf(recommendation).ratio_percent, 100)
      << "nobody ordered the other six";
  recommendation.ordered = 8;
  EXPECT_EQ(AutoscalerValuesOf(recommendation).ratio_percent, 75) << "a scale-in from eight";
  for (const std::optional<int> none : {std::optional<int>(0), std::optional<int>()}) {
    recommendation.current = none;
    EXPECT_EQ(AutoscalerValuesOf(recommendation).ratio_percent, std::nullopt);
  }
}

}  // namespace
}  // namespace chatscale::recommender
