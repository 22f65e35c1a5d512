#include "recommender/erlang.h"

#include <gtest/gtest.h>

#include "recommender/sizing.h"

namespace chatscale::recommender {
namespace {

// Reference points of the autoscaling guide: S = 20 s, wait over 3 s for at most 5 %.
TEST(ServersForWait, ReferencePoints) {
  const WaitTarget target{3, 0.05};
  EXPECT_EQ(ServersForWait(0, 20, target), 0);
  EXPECT_EQ(ServersForWait(4, 20, target), 8);
  EXPECT_EQ(ServersForWait(20, 20, target), 27);
  EXPECT_EQ(ServersForWait(60, 20, target), 69);
  EXPECT_EQ(ServersForWait(200, 20, target), 212);
  EXPECT_EQ(ServersForWait(600, 60, target), 627);
}

TEST(ServersForWait, IsTheFewestThatMeetsTheTarget) {
  for (double load = 0.25; load < 500; load *= 1.7) {
    const double n = ServersForWait(load, 27, {2, 0.05});
    EXPECT_LE(ShareWaitingLonger(n, load, 27, 2), 0.05) << load;
    EXPECT_GT(ShareWaitingLonger(n - 1, load, 27, 2), 0.05) << load;
  }
}

TEST(ReplicasFor, CeilForgivesRoundingNoise) {
  EXPECT_EQ(ReplicasFor(8.0, 8.0), 1);
  EXPECT_EQ(ReplicasFor(8.000000001, 8.0), 1);
  EXPECT_EQ(ReplicasFor(8.1, 8.0), 2);
  EXPECT_EQ(ReplicasFor(std::nullopt, 8.0), std::nullopt);
  EXPECT_EQ(ReplicasFor(8.0, std::nullopt), std::nullopt);
}

TEST(SlotsFor, TheBacklogDrainsInTheGivenTime) {
  ProcPolicy::Sizing policy;
  policy.drain = absl::Seconds(60);
  const ProcNeed calm = SlotsFor({20, 0, 0, 20}, absl::ZeroDuration(), policy);
  const ProcNeed backlog = SlotsFor({20, 30, 0, 20}, absl::ZeroDuration(), policy);
  EXPECT_DOUBLE_EQ(backlog.drain_slots, 10);
  EXPECT_DOUBLE_EQ(backlog.slots, calm.slots + 10);
}

}  // namespace
}  // namespace chatscale::recommender
