#include "recommender/propose.h"

#include <gtest/gtest.h>

namespace chatscale::recommender {
namespace {

constexpr absl::Duration kSettle = absl::Minutes(5), kAfterWindow = absl::Minutes(10);

ProposeInput After(absl::Duration since_change, int last = 3, std::optional<int> current = 3) {
  return {last, current, since_change, kSettle, kAfterWindow};
}

TEST(Propose, WithoutSizingAddsOneReplicaAfterSettling) {
  const Assessment fires{.out_fires = true};
  EXPECT_EQ(Propose(fires, {}, After(kSettle)).replicas, 4);
  EXPECT_EQ(Propose(fires, {}, After(kSettle, 3, 5)).replicas, 4) << "not of what nobody asked for";
  EXPECT_EQ(Propose(fires, {}, After(kSettle, 3, std::nullopt)).replicas, 4);
  EXPECT_EQ(Propose(fires, {}, After(kSettle, 3, 2)).replicas, 3) << "one is still to come";
  const Proposal early = Propose(fires, {}, After(kSettle - absl::Nanoseconds(1)));
  EXPECT_EQ(early.replicas, 3);
  EXPECT_TRUE(early.reasons.Has(Reason::kSettling));
}

TEST(Propose, StepRuleAddsOneReplicaWhenSizingIsSatisfied) {
  struct Row {
    MaybeNumber waiting;
    bool step_fires;
    int replicas;
  };
  const Row rows[] = {{1, true, 4}, {5, true, 4}, {{}, true, 4}, {0, true, 3}, {5, false, 3}};
  for (const Row& row : rows) {
    SizingReport sizing;
    sizing.per_replica = 8;
    sizing.window_need = 24;  // three replicas
    sizing.waiting = row.waiting;
    const Assessment fires{.out_fires = true, .step_fires = row.step_fires, .sized = true};
    EXPECT_EQ(Propose(fires, sizing, After(kSettle)).replicas, row.replicas)
        << row.waiting.value_or(-1);
  }
}

TEST(Propose, UsesMaximumOfWindowNeedAndLoadAhead) {
  SizingReport sizing;
  sizing.per_replica = 8;
  const Assessment fires{.out_fires = true, .sized = true};
  EXPECT_EQ(Propose(fires, sizing, After(kSettle, 0)).replicas, 0) << "nothing is known";
  sizing.window_need = 33;
  EXPECT_EQ(Propose(fires, sizing, After(kSettle)).replicas, 5);
  sizing.out_need = 41;
  EXPECT_EQ(Propose(fires, sizing, After(kSettle)).replicas, 6);
  sizing.window_need.reset();
  EXPECT_EQ(Propose(fires, sizing, After(kSettle)).replicas, 6);
  sizing.per_replica.reset();
  EXPECT_EQ(Propose(fires, sizing, After(kSettle, 0)).replicas, 0);
}

TEST(Propose, LoadAheadScalesOutWithOrWithoutFiringRule) {
  SizingReport sizing;
  sizing.per_replica = 8;
  sizing.window_need = 33;  // five
  sizing.out_need = 41;     // six
  Assessment ahead{.ahead_fires = true, .sized = true};
  EXPECT_EQ(Propose(ahead, sizing, After(kSettle)).replicas, 6);
  ahead.trigger_need = 25;
  EXPECT_EQ(Propose(ahead, sizing, After(kSettle)).replicas, 4);
  EXPECT_EQ(Propose(ahead, sizing, After(kSettle, 7)).replicas, 7) << "never fewer";
  ahead.out_fires = true;
  EXPECT_EQ(Propose(ahead, sizing, After(kSettle)).replicas, 6) << "the rule asks for more";
  ahead.trigger_need = 57;
  EXPECT_EQ(Propose(ahead, sizing, After(kSettle)).replicas, 8);
  ahead = {.ahead_fires = true, .in_fires = true, .sized = true};
  sizing.need = 1;
  EXPECT_EQ(Propose(ahead, sizing, After(kSettle)).replicas, 6) << "no scale-in meanwhile";
}

TEST(Propose, WithoutSizingRemovesOneReplicaPerWindow) {
  const Assessment fires{.in_fires = true};
  SizingReport sizing;
  sizing.demand = 3;
  EXPECT_EQ(Propose(fires, sizing, After(kAfterWindow)).replicas, 2);
  const Proposal early = Propose(fires, sizing, After(kAfterWindow - absl::Nanoseconds(1)));
  EXPECT_EQ(early.replicas, 3);
  EXPECT_TRUE(early.reasons.Has(Reason::kSettling));
  EXPECT_EQ(Propose(fires, {}, After(kAfterWindow)).replicas, 3) << "demand is not known";
}

}  // namespace
}  // namespace chatscale::recommender
