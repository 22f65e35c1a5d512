#include <gtest/gtest.h>

#include <cmath>

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

// C(2, 1) = 1/3 and C(1, 0.5) = 1/2, by hand from the formula.
TEST(ShareWaitingLonger, MatchesErlangC) {
  EXPECT_DOUBLE_EQ(ShareWaitingLonger(2, 1, 20, 0), 1.0 / 3);
  EXPECT_DOUBLE_EQ(ShareWaitingLonger(1, 0.5, 20, 0), 0.5);
  EXPECT_DOUBLE_EQ(ShareWaitingLonger(2, 1, 20, 5), std::exp(-0.25) / 3);
  EXPECT_DOUBLE_EQ(ShareWaitingLonger(4, 1, 20, 5), std::exp(-0.75) / 49);
}

TEST(ShareWaitingLonger, UsesTheLimitForManyServers) {
  for (const double beta : {0.2, 1.0, 2.0}) {
    const double load = 99'000, servers = load + beta * std::sqrt(load);
    const double below = ShareWaitingLonger(servers, load, 20, 0);
    EXPECT_NEAR(ShareWaitingLonger(servers * 1.02, load * 1.02, 20, 0), below, 0.02) << beta;
  }
  for (const double load : {1e5, 1e6, 1e7}) {
    const double servers = ServersForWait(load, 20, {2, 0.05});
    EXPECT_LE(ShareWaitingLonger(servers, load, 20, 2), 0.05);
    EXPECT_GT(ShareWaitingLonger(servers - 1, load, 20, 2), 0.05);
  }
  for (const double servers : {1e3, 9e4, 1e9, 1e15}) {
    EXPECT_EQ(ShareWaitingLonger(servers, 3, 20, 2), 0) << servers;
  }
}

TEST(ShareWaitingLonger, IsZeroWithoutLoadAndOneWhenOverloaded) {
  EXPECT_EQ(ShareWaitingLonger(1, 0, 20, 0), 0);
  EXPECT_EQ(ShareWaitingLonger(2, 2, 20, 0), 1);
  EXPECT_EQ(ShareWaitingLonger(1, 2, 20, 100), 1);
  EXPECT_LT(ShareWaitingLonger(3, 2, 20, 0), 1);
}

TEST(Hayward, ScalesServersByPeakedness) {
  EXPECT_EQ(ServersForWait(60, 20, {3, 0.05}, 1), ServersForWait(60, 20, {3, 0.05}));
  EXPECT_EQ(ServersForWait(60, 20, {3, 0.05}, 3), 3 * ServersForWait(20, 20, {3, 0.05}));
  EXPECT_EQ(ShareWaitingLonger(81, 60, 20, 3, 3), ShareWaitingLonger(27, 20, 20, 3));
  EXPECT_LT(ShareWaitingLonger(81, 60, 20, 3, 1), ShareWaitingLonger(81, 60, 20, 3, 3));
}

TEST(ServersForWait, StartsAboveTheLoad) {
  EXPECT_EQ(ServersForWait(1, 20, {1e9, 0.05}), 2) << "one server would never catch up";
  EXPECT_EQ(ServersForWait(0.5, 20, {1e9, 0.05}), 1);
  EXPECT_EQ(ServersForWait(0.5, 20, {0, 0.5}), 1) << "a share that is just met";
}

}  // namespace
}  // namespace chatscale::recommender
