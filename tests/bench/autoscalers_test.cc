#include "bench/autoscalers.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

// Plays `demand` for so many seconds, with replicas that start at once.
struct Loop {
  std::unique_ptr<ServiceAutoscaler> autoscaler;
  int replicas = 1;
  double seconds = 0;

  int Play(int count, double demand) {
    for (int i = 0; i < count; ++i, ++seconds) {
      replicas = autoscaler->Want({seconds, demand, 8, replicas, replicas});
    }
    return replicas;
  }
};

TEST(Hpa, FollowsItsFormula) {
  Loop hpa{HpaAtDefaults(), 10};
  EXPECT_EQ(hpa.Play(15, 61.5), 10) << "within the tolerance of 56";
  EXPECT_EQ(hpa.Play(15, 61.7), 12);
  EXPECT_EQ(hpa.Play(15, 1'000), 24) << "at most doubled";
  EXPECT_EQ(hpa.Play(15, 1'000), 48);
}

TEST(Hpa, ScaleInStopsAtStabilizationWindowMaximum) {
  Loop hpa{HpaAtDefaults(), 10};
  hpa.Play(15, 56);
  EXPECT_EQ(hpa.Play(285, 5.6), 10);
  EXPECT_EQ(hpa.Play(15, 5.6), 1);
  Loop calm{HpaCalm(), 10};
  calm.Play(15, 56);
  EXPECT_EQ(calm.Play(885, 5.6), 10);
  EXPECT_EQ(calm.Play(15, 5.6), 9) << "a tenth a minute";
  EXPECT_EQ(calm.Play(45, 5.6), 9);
  EXPECT_EQ(calm.Play(15, 5.6), 8);
}

TEST(Kpa, UsesStableAndPanicWindows) {
  Loop kpa{Kpa(), 10};
  EXPECT_EQ(kpa.Play(60, 56), 10);
  EXPECT_EQ(kpa.Play(8, 560), 100) << "twice what is ready";
  EXPECT_EQ(kpa.Play(50, 56), 100) << "and stays until a minute after";
  EXPECT_EQ(kpa.Play(120, 56), 10);
}

TEST(TargetTracking, ScalesOutAfter3DatapointsAndInAfter15) {
  Loop tracking{TargetTracking(), 10};
  EXPECT_EQ(tracking.Play(179, 80), 10);
  EXPECT_EQ(tracking.Play(1, 80), 15);
  EXPECT_EQ(tracking.Play(14 * 60 + 59, 56), 15);
  EXPECT_EQ(tracking.Play(1, 56), 10);
}

}  // namespace
}  // namespace chatscale
