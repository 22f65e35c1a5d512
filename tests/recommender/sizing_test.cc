#include "recommender/sizing.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chatscale::recommender {
namespace {

ProcPolicy::Sizing DrainIn(absl::Duration time) {
  ProcPolicy::Sizing policy;
  policy.drain = time;
  return policy;
}

double Running(double load, double service_seconds) {
  const ProcPolicy::Sizing policy;
  return ServersForWait(load, service_seconds, {policy.wait_limit, policy.wait_share});
}

TEST(IngressNeed, LeavesRoomAboveTheTarget) {
  IngressPolicy::Sizing policy;
  policy.target = 0.5;
  EXPECT_EQ(IngressNeed(60, policy), 120);
}

TEST(SlotsFor, TheBacklogDrainsInTheGivenTime) {
  const ProcPolicy::Sizing policy = DrainIn(absl::Seconds(60));
  const ProcNeed calm = SlotsFor({20, 0, 0, 20}, absl::ZeroDuration(), policy);
  const ProcNeed backlog = SlotsFor({20, 30, 0, 20}, absl::ZeroDuration(), policy);
  EXPECT_DOUBLE_EQ(calm.slots, Running(20, 20));
  EXPECT_EQ(calm.drain_slots, 0);
  EXPECT_DOUBLE_EQ(backlog.drain_slots, 10);
  EXPECT_DOUBLE_EQ(backlog.slots, calm.slots + 10);
}

TEST(SlotsFor, AtMostOneDrainSlotPerWaitingTask) {
  EXPECT_EQ(SlotsFor({0, 7, 0, 120}, absl::ZeroDuration(), DrainIn(absl::Seconds(60))).drain_slots,
            7);
}

TEST(SlotsFor, GrowthJoinsTheBacklogIfTasksWait) {
  const ProcPolicy::Sizing policy = DrainIn(absl::Seconds(60));
  const absl::Duration lead = absl::Seconds(30);
  // 20 run, 0.5 a second more: 20 s of service make 10 more, and 15 come within the lead.
  const ProcNeed calm = SlotsFor({20, 0, 0.5, 20}, lead, policy);
  EXPECT_DOUBLE_EQ(calm.slots, Running(45, 20));
  EXPECT_EQ(calm.drain_slots, 0);
  for (const double waiting : {0.5, 1.0, 30.0}) {
    const ProcNeed backlog = SlotsFor({20, waiting, 0.5, 20}, lead, policy);
    EXPECT_DOUBLE_EQ(backlog.drain_slots, (waiting + 15) / 3) << waiting;
    EXPECT_DOUBLE_EQ(backlog.slots, Running(30, 20) + backlog.drain_slots) << waiting;
  }
}

TEST(SlotsFor, NoLoadNeedsNoSlots) {
  EXPECT_EQ(SlotsFor({0, 0, 0, 20}, absl::ZeroDuration(), DrainIn(absl::Seconds(60))).slots, 0);
  EXPECT_EQ(SlotsFor({1, 0, -1, 20}, absl::Seconds(60), DrainIn(absl::Seconds(60))).slots, 0)
      << "less than nothing is nothing";
  EXPECT_EQ(SlotsFor({0, 1, -1, 20}, absl::Seconds(60), DrainIn(absl::Seconds(60))).drain_slots, 0);
}

TEST(SlotsFor, ImpossibleInputIsBounded) {
  const auto drain_slots = [](double waiting, double service_seconds, absl::Duration drain) {
    return SlotsFor({0, waiting, 0, service_seconds}, absl::ZeroDuration(), DrainIn(drain))
        .drain_slots;
  };
  EXPECT_EQ(drain_slots(1e12, 60, absl::Seconds(60)), 1e7);
  EXPECT_DOUBLE_EQ(drain_slots(1000, 1e-12, absl::Seconds(1)), 1) << "a millisecond";
  EXPECT_DOUBLE_EQ(drain_slots(1, 1e12, absl::Hours(14 * 24)), 0.5) << "a week";
}

TEST(SlotsFor, HugeLoadIsBounded) {
  EXPECT_GT(SlotsFor({1e300, 0, 0, 20}, absl::ZeroDuration(), {}).slots, 1e7);
  EXPECT_LT(SlotsFor({1e300, 0, 0, 20}, absl::ZeroDuration(), {}).slots, 1.1e7);
}

TEST(SlotsForLoad, AddsBacklogToErlangC) {
  const ProcPolicy::Sizing policy{.wait_limit = 3, .drain = absl::Seconds(60)};
  EXPECT_EQ(SlotsForLoad(60, 1, 0, 20, 0.05, policy).slots, ServersForWait(60, 20, {3, 0.05}));
  const ProcNeed backed_up = SlotsForLoad(60, 3, 30, 20, 0.05, policy);
  EXPECT_EQ(backed_up.drain_slots, 10);
  EXPECT_EQ(backed_up.slots, ServersForWait(60, 20, {3, 0.05}, 3) + 10);
  EXPECT_EQ(SlotsForLoad(0, 1, 0, 20, 0.05, policy).slots, 0);
  EXPECT_LT(SlotsForLoad(1e300, 6, 1e300, 1e300, 0.05, policy).slots, 1e8);
}

TEST(MeanServiceSeconds, AssumesALognormalDistribution) {
  const double one_sigma = std::exp(1.645);
  EXPECT_NEAR(*MeanServiceSeconds(1, one_sigma), std::exp(0.5), 1e-12);
  EXPECT_NEAR(*MeanServiceSeconds(0.5, 0.5 * one_sigma), 0.5 * std::exp(0.5), 1e-12);
  EXPECT_NEAR(*MeanServiceSeconds(10, 1e12), 10 * std::exp(2), 1e-9) << "two sigmas are enough";
}

TEST(MeanServiceSeconds, HandlesMissingPercentiles) {
  EXPECT_EQ(MeanServiceSeconds(std::nullopt, 9), std::nullopt);
  EXPECT_EQ(MeanServiceSeconds(0, 9), std::nullopt);
  EXPECT_EQ(MeanServiceSeconds(-1, 9), std::nullopt);
  EXPECT_EQ(MeanServiceSeconds(4, std::nullopt), 4);
  EXPECT_EQ(MeanServiceSeconds(4, 1), 4) << "percentiles that contradict each other";
  EXPECT_EQ(MeanServiceSeconds(4, 4), 4);
}

TEST(ReplicasFor, RoundsUpButForgivesRoundingNoise) {
  EXPECT_EQ(ReplicasFor(0, 8), 0);
  EXPECT_EQ(ReplicasFor(8, 8), 1);
  EXPECT_EQ(ReplicasFor(8.000000001, 8), 1);
  EXPECT_EQ(ReplicasFor(1.0000000015, 1), 2);
  EXPECT_EQ(ReplicasFor(8.1, 8), 2);
  EXPECT_EQ(ReplicasFor(1, 0.5), 2);
}

TEST(ReplicasFor, IsUnknownIfEitherInputIs) {
  EXPECT_EQ(ReplicasFor(std::nullopt, 8), std::nullopt);
  EXPECT_EQ(ReplicasFor(8, std::nullopt), std::nullopt);
  EXPECT_EQ(ReplicasFor(8, 0), std::nullopt);
  EXPECT_EQ(ReplicasFor(8, -1), std::nullopt);
  EXPECT_EQ(ReplicasFor(INFINITY, 8), std::nullopt);
  EXPECT_EQ(ReplicasFor(1e12, 1), 1'000'000) << "an integer all the same";
}

}  // namespace
}  // namespace chatscale::recommender
