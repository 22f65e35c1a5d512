#include "recommender/anchor.h"

#include <gtest/gtest.h>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

constexpr absl::Duration kInWindow = absl::Minutes(10);

// A state whose advice is `desired`, last fed at kStart.
ServiceState Advised(int desired) {
  ServiceState state;
  state.desired = desired;
  state.last_sample = kStart;
  return state;
}

SampleReadings Observed(std::optional<int> current) {
  SampleReadings sample;
  sample.fresh = true;
  sample.age = absl::ZeroDuration();
  sample.current = current;
  return sample;
}

bool Anchor(ServiceState& state, const SampleReadings& sample, absl::Time now, bool usable = true) {
  Recommendation report;
  return AnchorIfLost({}, sample, usable, {.min = 1, .max = 20}, now, state, report);
}

TEST(AnchorIfLost, OnlyAfterASilenceLongerThanTheHold) {
  const absl::Duration hold = InputPolicy().hold;
  for (const bool longer : {false, true}) {
    ServiceState state = Advised(2);
    const absl::Time now = kStart + hold + absl::Nanoseconds(longer ? 1 : 0);
    EXPECT_EQ(Anchor(state, Observed(7), now), longer);
    EXPECT_EQ(state.desired, longer ? 7 : 2);
    EXPECT_EQ(state.last_sample, now);
  }
  ServiceState state = Advised(2);
  EXPECT_FALSE(Anchor(state, Observed(7), kStart + absl::Hours(1), false));
  EXPECT_EQ(state.last_sample, kStart);
}

TEST(AnchorIfLost, ASampleCountsFromWhenItWasTrueButNotFromTheFuture) {
  for (const int age : {10, 0, -10}) {
    ServiceState state = Advised(2);
    SampleReadings sample = Observed(2);
    sample.age = absl::Seconds(age);
    const absl::Time now = kStart + absl::Minutes(1);
    Anchor(state, sample, now);
    EXPECT_EQ(state.last_sample, now - absl::Seconds(std::max(0, age))) << age;
  }
}

TEST(AnchorIfLost, NeedsACount) {
  for (const std::optional<int> none : {std::optional<int>(), std::optional<int>(0)}) {
    ServiceState state;
    EXPECT_FALSE(Anchor(state, Observed(none), kStart));
    EXPECT_EQ(state.desired, std::nullopt);
  }
  ServiceState state;
  Anchor(state, Observed(99), kStart);
  EXPECT_EQ(state.desired, 20) << "within the bounds";
}

// Eight replicas were seen a moment ago; now `current`, while `desired` are advised.
bool Outage(int desired, int current) {
  ServiceState state = Advised(desired);
  WatchForOutage({}, Observed(8), kInWindow, kStart, state);
  WatchForOutage({}, Observed(current), kInWindow, kStart + absl::Seconds(15), state);
  return state.outage_since.has_value();
}

TEST(WatchForOutage, IsAFallBelowThreeQuartersAndBelowOurAdvice) {
  EXPECT_TRUE(Outage(8, 5));
  EXPECT_FALSE(Outage(8, 6)) << "three quarters";
  EXPECT_FALSE(Outage(4, 4)) << "as advised";
  EXPECT_TRUE(Outage(5, 4));
}

TEST(WatchForOutage, EndsWhenMostAreBackOrWhenItHasLasted) {
  const auto after = [](absl::Duration passed, int current, int desired) {
    ServiceState state = Advised(desired);
    WatchForOutage({}, Observed(8), kInWindow, kStart, state);
    WatchForOutage({}, Observed(3), kInWindow, kStart, state);
    WatchForOutage({}, Observed(current), kInWindow, kStart + passed, state);
    return state.outage_since.has_value();
  };
  EXPECT_TRUE(after(absl::Minutes(5), 5, 8));
  EXPECT_FALSE(after(absl::Minutes(5), 6, 8)) << "three quarters of the eight";
  EXPECT_FALSE(after(absl::Minutes(5), 4, 4)) << "as many as advised";
  EXPECT_TRUE(after(kInWindow - absl::Nanoseconds(1), 3, 8));
  EXPECT_FALSE(after(kInWindow, 3, 8));
}

TEST(WatchForOutage, LearnsNothingWithoutACountOrAnAdvice) {
  ServiceState state = Advised(8);
  WatchForOutage({}, Observed(std::nullopt), kInWindow, kStart, state);
  EXPECT_EQ(state, Advised(8));
  ServiceState fresh;
  WatchForOutage({}, Observed(3), kInWindow, kStart, fresh);
  EXPECT_EQ(fresh, ServiceState());
}

TEST(AdoptIfMoved, TheTimeBeginsWithTheFirstCountThatDiffers) {
  const auto since = [](std::optional<int> desired, std::optional<int> current) {
    ServiceState state;
    state.desired = desired;
    Recommendation report;
    AdoptIfMoved({}, Observed(current), {.min = 1, .max = 20}, true, kStart, state, report);
    return state.differs_since;
  };
  EXPECT_EQ(since(3, 1), kStart);
  EXPECT_EQ(since(3, 3), std::nullopt);
  EXPECT_EQ(since(3, 0), std::nullopt);
  EXPECT_EQ(since(3, std::nullopt), std::nullopt);
  EXPECT_EQ(since(std::nullopt, 3), std::nullopt);
}

}  // namespace
}  // namespace chatscale::recommender
