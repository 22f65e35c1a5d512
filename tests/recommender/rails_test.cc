#include <gtest/gtest.h>

#include "recommender/connections.h"
#include "recommender/guard_rails.h"
#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

TEST(Stabilize, ScaleInStopsAtTheHighestNeedOfTheWindow) {
  const StabilizationInput full{.highest = 4, .full_window = true};
  EXPECT_EQ(Stabilize({2, {}}, 6, full).replicas, 4);
  EXPECT_TRUE(Stabilize({2, {}}, 6, full).reasons.Has(Reason::kStabilization));
  EXPECT_EQ(Stabilize({5, {}}, 6, full).replicas, 5);
  EXPECT_TRUE(Stabilize({5, {}}, 6, full).reasons.empty());
  EXPECT_EQ(Stabilize({2, {}}, 6, {.highest = 9, .full_window = true}).replicas, 6);
}

TEST(Stabilize, NoScaleInBeforeAFullWindow) {
  const Proposal held = Stabilize({2, {}}, 6, {.highest = 2, .full_window = false});
  EXPECT_EQ(held.replicas, 6);
  EXPECT_TRUE(held.reasons.Has(Reason::kWarmUp));
}

TEST(Stabilize, NoScaleInRightAfterAScaleOut) {
  const Proposal held =
      Stabilize({2, {}}, 6, {.highest = 2, .full_window = true, .after_out = true});
  EXPECT_EQ(held.replicas, 6);
  EXPECT_TRUE(held.reasons.Has(Reason::kSettling));
}

TEST(Stabilize, ScaleOutStopsAtTheLowestNeedOfItsWindow) {
  EXPECT_EQ(Stabilize({8, {}}, 4, {.lowest = 6}).replicas, 6);
  EXPECT_EQ(Stabilize({8, {}}, 4, {.lowest = 2}).replicas, 4);
  EXPECT_EQ(Stabilize({8, {}}, 4, {}).replicas, 8);
}

TEST(Stabilize, IgnoresScaleInBelowMinChange) {
  EXPECT_EQ(Stabilize({19, {}}, 20, {.full_window = true, .min_change = 0.1}).replicas, 20);
  EXPECT_EQ(Stabilize({18, {}}, 20, {.full_window = true, .min_change = 0.1}).replicas, 18);
  EXPECT_EQ(Stabilize({2, {}}, 3, {.full_window = true, .min_change = 0.1}).replicas, 2);
}

TEST(LimitStep, CountsChangesWithinThePeriod) {
  const StepPolicy out{4, 100, absl::Minutes(1)};
  const StepPolicy in{1, 25, absl::Minutes(5)};
  struct Row {
    int proposal, last;
    std::vector<Change> changes;
    int expected;
  };
  const absl::Time now = kStart;
  const Row rows[] = {
      {9, 2, {}, 6},
      {6, 2, {}, 6},
      {40, 10, {}, 20},
      {9, 6, {{now - absl::Seconds(59), 4}}, 6},
      {9, 6, {{now - absl::Seconds(60), 4}}, 9},
      {1, 3, {}, 2},
      {1, 4000, {}, 3000},
      {9'000'000, 2'000'000, {}, 3'000'000},
      {1, 8, {}, 6},
      {1, 6, {{now - absl::Seconds(299), -2}}, 6},
      {1, 6, {{now - absl::Seconds(300), -2}}, 4},
  };
  for (const Row& row : rows) {
    const Proposal limited = LimitStep({row.proposal, {}}, row.last, row.changes, out, in, now);
    EXPECT_EQ(limited.replicas, row.expected) << row.last << " to " << row.proposal;
    EXPECT_EQ(limited.reasons.Has(Reason::kStep), row.expected != row.proposal);
  }
}

TEST(Clamp, EitherSideOfEachBound) {
  const ReplicaPolicy bounds{.min = 2, .max = 5};
  const int rows[][2] = {{1, 2}, {2, 2}, {5, 5}, {6, 5}};
  for (const auto& [proposal, expected] : rows) {
    EXPECT_EQ(Clamp({proposal, {}}, bounds).replicas, expected);
  }
}

TEST(HoldOnBadInput, PartialInputStopsOnlyScaleIn) {
  const ReplicaPolicy bounds;
  EXPECT_EQ(HoldOnBadInput({2, {}}, 4, {.partial = true}, bounds).replicas, 4);
  EXPECT_EQ(HoldOnBadInput({6, {}}, 4, {.partial = true}, bounds).replicas, 6);
  EXPECT_EQ(HoldOnBadInput({6, {}}, 4, {.stale = true}, bounds).replicas, 4);
  EXPECT_EQ(HoldOnBadInput({6, {}}, 4, {.no_replicas = true}, bounds).replicas, 4);
  EXPECT_EQ(HoldOnBadInput({2, {}}, 4, {}, bounds).replicas, 2);
}

// Plannable: floor((120 - 20) x 0.9) = 90. No surge unless a row says so.
struct Shares {
  int ingress, proc;
};
Shares Grant(Shares granted, Shares wanted, bool ingress_urgent, bool proc_urgent, double surge = 0,
             MaybeNumber limit = 120) {
  BudgetPolicy policy;
  policy.postgres = {20, 0.1};
  policy.surge = surge;
  ConnectionDemands claims;
  claims.ingress.granted = granted.ingress;
  claims.proc.granted = granted.proc;
  claims.ingress.proposal.replicas = wanted.ingress;
  claims.proc.proposal.replicas = wanted.proc;
  claims.ingress.urgent = ingress_urgent;
  claims.proc.urgent = proc_urgent;
  for (const Service service : kServices) claims[service].postgres_per_replica = 10;
  SharedSignals shared;
  shared.postgres_limit = limit;
  LimitConnections(policy, shared, claims);
  return {claims.ingress.proposal.replicas, claims.proc.proposal.replicas};
}

TEST(LimitConnections, LimitsScaleOutWithoutForcingScaleIn) {
  struct Row {
    Shares granted, wanted;
    bool ingress_urgent, proc_urgent;
    double surge;
    Shares expected;
  };
  const Row rows[] = {
      {{2, 2}, {4, 5}, false, false, 0, {4, 5}},  // 9 fit
      {{2, 2}, {4, 6}, false, true, 0, {3, 6}},   // proc in breach goes first
      {{2, 2}, {6, 4}, true, false, 0, {6, 3}},
      {{6, 6}, {8, 6}, false, false, 0, {6, 6}},   // over already: no growth, no cut
      {{6, 6}, {3, 8}, false, true, 0, {3, 6}},    // freed only once it has shrunk
      {{2, 2}, {2, 9}, false, true, 0.5, {2, 4}},  // 2+1 and 4+2 replicas during a rollout
  };
  for (const Row& row : rows) {
    const Shares got =
        Grant(row.granted, row.wanted, row.ingress_urgent, row.proc_urgent, row.surge);
    EXPECT_EQ(got.ingress, row.expected.ingress) << row.wanted.ingress << ' ' << row.wanted.proc;
    EXPECT_EQ(got.proc, row.expected.proc) << row.wanted.ingress << ' ' << row.wanted.proc;
  }
  const Shares shared = Grant({2, 2}, {9, 9}, false, false);
  EXPECT_EQ(shared.ingress + shared.proc, 9);
  EXPECT_LE(std::abs(shared.ingress - shared.proc), 1);
}

// One service wants to grow from 2 by 10 connections a replica; what becomes of it.
ConnectionDemand Grown(MaybeNumber limit, MaybeNumber other_cost, MaybeNumber own_cost = 10,
                       bool urgent = false) {
  BudgetPolicy policy;
  policy.postgres = {0, 0};
  policy.redis = {0, 0};
  policy.surge = 0;
  ConnectionDemands claims;
  claims.ingress.granted = claims.ingress.proposal.replicas = 2;
  claims.ingress.postgres_per_replica = other_cost;
  claims.proc.granted = 2;
  claims.proc.proposal.replicas = 12;
  claims.proc.postgres_per_replica = own_cost;
  claims.proc.urgent = urgent;
  claims.ingress.redis_per_replica = claims.proc.redis_per_replica = 0;
  SharedSignals shared;
  shared.postgres_limit = limit;
  shared.redis_limit = 1;
  LimitConnections(policy, shared, claims);
  return claims.proc;
}

TEST(LimitConnections, GrantsAllThatFits) {
  for (int limit = 50; limit <= 160; ++limit) {
    // Two of the other service take 10; alone in breach or not makes no difference to the count.
    const int fits = std::clamp((limit - 10) / 10, 2, 12);
    EXPECT_EQ(Grown(limit, 5).proposal.replicas, fits) << limit;
    EXPECT_EQ(Grown(limit, 5, 10, true).proposal.replicas, fits) << limit;
  }
}

TEST(LimitConnections, ReportsTheReplicaShortfall) {
  const ConnectionDemand claim = Grown(100, 5);
  EXPECT_EQ(claim.proposal.replicas, 9);
  EXPECT_EQ(claim.shortfall, 3);
  EXPECT_TRUE(claim.proposal.reasons.Has(Reason::kDbConnections));
  EXPECT_TRUE(claim.unknown.empty());
}

TEST(LimitConnections, UnknownCostsAreIgnoredAndReported) {
  const ConnectionDemand other = Grown(100, std::nullopt);
  EXPECT_EQ(other.proposal.replicas, 10);
  EXPECT_TRUE(other.unknown.Has(Reason::kDbBudgetUnknown));
  const ConnectionDemand own = Grown(100, 90, std::nullopt);
  EXPECT_EQ(own.proposal.replicas, 12) << "who uses none is not limited by others' use";
  EXPECT_TRUE(own.unknown.Has(Reason::kDbBudgetUnknown));
  EXPECT_EQ(Grown(100, 90, 0).proposal.replicas, 12);
  EXPECT_EQ(Grown(100, 49, 0.5).proposal.replicas, 4) << "98 + 4 x 0.5";
}

TEST(LimitConnections, DrainingReplicasHoldTheirConnections) {
  const auto grown = [](int draining) {
    BudgetPolicy policy;
    policy.postgres = {10, 0.15};
    policy.surge = 0;
    ConnectionDemands claims;
    claims.ingress.granted = claims.ingress.proposal.replicas = 2;
    claims.proc.granted = 2;
    claims.proc.proposal.replicas = 6;
    claims.proc.draining = draining;
    claims.ingress.postgres_per_replica = 4;
    claims.proc.postgres_per_replica = 8;
    SharedSignals shared;
    shared.postgres_limit = 100;  // 76 may be planned for
    LimitConnections(policy, shared, claims);
    return claims.proc.proposal.replicas;
  };
  EXPECT_EQ(grown(0), 6);
  EXPECT_EQ(grown(4), 4);
  EXPECT_EQ(grown(8), 2) << "64 of them are in use by those that drain";
}

TEST(LimitConnections, NonPositiveLimitIsUnknown) {
  for (const MaybeNumber limit : {MaybeNumber(0), MaybeNumber(-5), MaybeNumber()}) {
    EXPECT_EQ(Grown(limit, 5).proposal.replicas, 12);
    EXPECT_TRUE(Grown(limit, 5).unknown.Has(Reason::kDbBudgetUnknown));
  }
  EXPECT_EQ(Grown(1, 0).proposal.replicas, 2) << "but one connection is a limit";
  EXPECT_TRUE(Grown(1, 0).unknown.empty());
}

TEST(LimitConnections, ReserveMayExceedTheLimit) {
  BudgetPolicy policy;
  policy.postgres = {200, 0};
  policy.surge = 0;
  ConnectionDemands claims;
  claims.proc.proposal.replicas = 1;
  claims.proc.postgres_per_replica = 1;
  claims.ingress.postgres_per_replica = 0;
  SharedSignals shared;
  shared.postgres_limit = 100;
  LimitConnections(policy, shared, claims);
  EXPECT_EQ(claims.proc.proposal.replicas, 0);
}

TEST(LimitConnections, ServiceScalingInGetsNoShare) {
  const Shares shared = Grant({6, 2}, {1, 9}, false, false);
  EXPECT_EQ(shared.ingress, 1);
  EXPECT_EQ(shared.proc, 3) << "six of the nine that fit are still held";
  EXPECT_EQ(Grant({6, 2}, {1, 3}, false, false).proc, 3);
}

TEST(LimitConnections, UnknownLimitIsReportedAndNotEnforced) {
  ConnectionDemands claims;
  claims.proc.granted = 2;
  claims.proc.proposal.replicas = 50;
  LimitConnections({}, {}, claims);
  EXPECT_EQ(claims.proc.proposal.replicas, 50);
  EXPECT_TRUE(claims.proc.unknown.Has(Reason::kDbBudgetUnknown));
}

}  // namespace
}  // namespace chatscale::recommender
