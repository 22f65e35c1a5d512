#include "recommender/assess.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recommender/sizing.h"
#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

struct Proc {
  Policy policy;
  ServiceState state;
  ProcMemory memory;
  Recommendation report;
  absl::Time now = kStart;

  Assessment See(const CheckedProc& checked, absl::Duration later = absl::Seconds(15)) {
    now += later;
    report = {};
    return Assess(policy, checked, {}, now, state, memory, report);
  }
};

CheckedProc Tasks(double waiting, double busy) {
  CheckedProc checked;
  checked.fresh = true;
  checked.waiting = waiting;
  checked.busy = busy;
  checked.total = waiting + busy;
  checked.per_replica = 8;
  return checked;
}

double Wait(const Proc& proc) { return proc.report.rules[1].value.value_or(-1); }

TEST(AssessProc, ScaleOutRulesSetStepAndUrgency) {
  struct Row {
    std::size_t rule;
    bool step, urgent;
  };
  const Row rows[] = {{0, true, false},  {1, true, true},  {2, false, false},
                      {3, false, false}, {4, true, false}, {5, true, true}};
  for (const Row& row : rows) {
    Proc proc;
    for (RulePolicy& rule : proc.policy.rules.proc) rule.enabled = false;
    proc.policy.rules.proc[row.rule].enabled = true;
    proc.policy.rules.proc[row.rule].duration = absl::ZeroDuration();
    proc.policy.rules.proc[row.rule].threshold = 0.5;
    CheckedProc checked = Tasks(10, 10);
    checked.wait_p95 = checked.exec_p95 = 1;
    checked.capacity = 20;
    Assessment assessment;
    for (int i = 0; i < 60; ++i) {
      *checked.total += 1;
      *checked.waiting += 1;
      assessment = proc.See(checked);
    }
    EXPECT_TRUE(assessment.out_fires) << row.rule;
    EXPECT_EQ(assessment.step_fires, row.step) << row.rule;
    EXPECT_EQ(assessment.urgent, row.urgent) << row.rule;
    EXPECT_FALSE(assessment.in_fires) << "without a rule there is no scale-in";
  }
}

TEST(AssessProc, FullConnectionPoolsBlockScaleInIfEnabled) {
  for (const bool enabled : {false, true}) {
    for (const MaybeNumber pools : {MaybeNumber(0.1), MaybeNumber(0.5), MaybeNumber()}) {
      Proc proc;
      for (RulePolicy& rule : proc.policy.rules.proc) rule.duration = absl::ZeroDuration();
      proc.policy.rules.proc.back().enabled = enabled;
      CheckedProc checked = Tasks(0, 1);
      checked.wait_p95 = 0;
      checked.capacity = 100;
      checked.pools = pools;
      Assessment assessment;
      for (int i = 0; i < 60; ++i) assessment = proc.See(checked);
      EXPECT_EQ(assessment.in_fires, !enabled || pools == 0.1) << enabled << pools.value_or(-1);
    }
  }
}

TEST(AssessProc, LaterRuleDoesNotClearUrgency) {
  Proc proc;
  CheckedProc checked = Tasks(10, 10);
  checked.wait_p95 = 30;
  Assessment assessment;
  for (int i = 0; i < 10; ++i) assessment = proc.See(checked);
  EXPECT_TRUE(assessment.urgent);
}

TEST(AssessProc, GapUpToMaxGapKeepsTheWindow) {
  for (const bool longer : {false, true}) {
    Proc proc;
    proc.See(Tasks(40, 8));
    const absl::Time first = proc.now;
    proc.See(Tasks(0, 8), proc.policy.input.gaps.max_gap + absl::Nanoseconds(longer ? 1 : 0));
    EXPECT_EQ(proc.state.covered_since, longer ? proc.now : first);
    EXPECT_EQ(proc.report.sizing.window_need, longer ? 8 : 48);
  }
}

TEST(AssessProc, TracksLowestNeedOnlyWithScaleOutStabilization) {
  Proc proc;
  proc.See(Tasks(0, 8));
  EXPECT_TRUE(proc.state.need_low.entries.empty());
  proc.policy.proc.out.stabilization = absl::Minutes(1);
  proc.See(Tasks(0, 8));
  EXPECT_EQ(proc.state.need_low.Max(proc.now, absl::Minutes(1)), -8);
}

TEST(AssessProc, ServiceTimeIsSmoothedOverUpToTenMinutes) {
  Proc proc;
  CheckedProc checked = Tasks(0, 8);
  EXPECT_FALSE(proc.See(checked).sized) << "without it there is no sizing";
  checked.exec_p50 = 20;
  EXPECT_TRUE(proc.See(checked).sized);
  EXPECT_EQ(proc.memory.service_seconds, 20);
  const auto see = [&](double seconds, absl::Duration later) {
    checked.exec_p50 = seconds;
    proc.See(checked, later);
    return *proc.memory.service_seconds;
  };
  EXPECT_DOUBLE_EQ(see(40, absl::Seconds(15)), 40);
  EXPECT_DOUBLE_EQ(see(20, absl::Seconds(15)), 30) << "the mean of both";
  EXPECT_DOUBLE_EQ(see(60, absl::Seconds(15)), 40) << "the mean of three";
  for (int i = 0; i < 100; ++i) see(20, absl::Seconds(60));
  EXPECT_NEAR(see(40, absl::Seconds(600)), 30, 0.1);
  EXPECT_NEAR(see(40, absl::Seconds(200)), 32.5, 0.1);
}

TEST(AssessProc, UnknownWaitingTasksNeedNoDrainSlots) {
  Proc proc;
  CheckedProc checked = Tasks(0, 8);
  checked.exec_p50 = 20;
  checked.waiting.reset();
  EXPECT_TRUE(proc.See(checked).sized);
  EXPECT_EQ(proc.report.sizing.drain_slots, 0);
  checked.busy.reset();
  EXPECT_FALSE(proc.See(checked).sized);
}

TEST(AssessProc, QueueIsStuckWhenTasksWaitAndNoneStarts) {
  struct Row {
    MaybeNumber waiting, ended, wait_p95;
    bool stuck;
  };
  const Row rows[] = {{1, 0, {}, true},  {5, 0, {}, true},   {0, 0, {}, false}, {{}, 0, {}, false},
                      {5, 1, {}, false}, {5, {}, {}, false}, {5, 0, 2, false},  {5, 3, 2, false}};
  for (const Row& row : rows) {
    Proc proc;
    CheckedProc checked = Tasks(0, 8);
    checked.waiting = row.waiting;
    checked.ended = row.ended;
    checked.wait_p95 = row.wait_p95;
    proc.See(checked);
    EXPECT_EQ(proc.memory.stuck_since.has_value(), row.stuck)
        << row.waiting.value_or(-1) << ' ' << row.ended.value_or(-1);
  }
}

TEST(AssessProc, StuckQueueWaitGrowsFromItsStart) {
  for (const bool longer : {false, true}) {
    Proc proc;
    CheckedProc checked = Tasks(5, 8);
    checked.ended = 0;
    proc.See(checked);
    proc.See(checked, absl::Milliseconds(500));
    EXPECT_EQ(Wait(proc), 0.5);
    EXPECT_TRUE(proc.report.rules[1].at_least);
    const absl::Duration gap = proc.policy.input.gaps.max_gap;
    proc.See(checked, gap + absl::Nanoseconds(longer ? 1 : 0));
    EXPECT_EQ(Wait(proc), longer ? 0 : 120.5) << "a silence longer than the limit starts afresh";
    proc.See(CheckedProc());
    EXPECT_EQ(Wait(proc), -1) << "what is not fresh says nothing";
  }
}

TEST(AssessProc, QueueWaitIsMaximumOfPercentileAndOldestTask) {
  Proc proc;
  CheckedProc checked = Tasks(5, 8);
  proc.See(checked);
  EXPECT_EQ(Wait(proc), -1);
  checked.wait_p95 = 0.2;
  proc.See(checked);
  EXPECT_EQ(Wait(proc), 0.2);
  checked.oldest = 0.5;
  proc.See(checked);
  EXPECT_EQ(Wait(proc), 0.5);
  checked.wait_p95.reset();
  proc.See(checked);
  EXPECT_EQ(Wait(proc), 0.5);
  EXPECT_TRUE(proc.report.rules[1].at_least);
}

TEST(AssessProc, GrowthIsPerMinute) {
  Proc proc;
  for (int i = 0; i < 9; ++i) proc.See(Tasks(i, 8), absl::Seconds(15));
  EXPECT_NEAR(*proc.report.rules[3].value, 4, 1e-9);
}

// `busy` tasks of 20 s run, one by one more of them arrive from tick to tick.
struct Arriving : Proc {
  double completed = 60;

  Assessment Arrive(double busy, double more = 0) {
    CheckedProc checked = Tasks(0, busy);
    checked.exec_p50 = checked.exec_p95 = 20;
    completed += more;
    checked.completed = completed;
    return See(checked);
  }
};

TEST(AssessProc, LoadAheadExtrapolatesArrivalGrowth) {
  Arriving proc;
  for (int i = 0; i < 40; ++i) proc.Arrive(20, 15);  // one more a second: a third of a slot
  const OfferedLoad load = *OfferedLoadOf(proc.memory.arrivals, proc.now, 20);
  ASSERT_GT(load.growth, 0.1);
  EXPECT_DOUBLE_EQ(*proc.report.sizing.ahead, load.now + load.growth * (90 + 30));
}

TEST(AssessProc, TriggerFiresOnLoadAheadButSizesByMeasuredLoad) {
  Arriving proc;
  proc.policy.proc.out.trigger.enabled = true;
  for (int i = 0; i < 40; ++i) proc.Arrive(20, 15);
  const OfferedLoad load = *OfferedLoadOf(proc.memory.arrivals, proc.now, 20);
  const ProcPolicy::Sizing& sizing = proc.policy.proc.sizing;
  EXPECT_DOUBLE_EQ(*proc.report.sizing.out_need,
                   SlotsForLoad(load.now, load.peakedness, 0, 20, sizing.wait_share, sizing).slots);
  const int enough = static_cast<int>(std::ceil(*proc.report.sizing.out_need / 8));
  for (const int desired : {enough - 1, enough + 1}) {
    proc.state.desired = desired;
    const bool fires = proc.Arrive(20, 15).ahead_fires;
    EXPECT_GT(*proc.report.sizing.ahead_share, proc.policy.proc.out.trigger.share) << desired;
    EXPECT_EQ(fires, desired < enough) << desired << " replicas, it needs " << enough;
  }
}

// Of every five minutes of the last days it is known that 50 slots were busy.
SeasonMemory AlwaysFifty(absl::Time now, double helped) {
  SeasonMemory memory;
  memory.loads.assign(8 * 288, 50);
  memory.bin = absl::ToUnixSeconds(now) / 300;
  memory.scores[0] = memory.scores[1] = {helped, 10, 1000};
  return memory;
}

TEST(AssessProc, OnlyTrustedForecastsCount) {
  for (const double helped : {0.0, 100.0}) {
    Arriving proc;
    proc.policy.proc.sizing.seasons = true;
    for (int i = 0; i < 10; ++i) proc.Arrive(20);
    const double without = *proc.report.sizing.need;
    proc.memory.season = AlwaysFifty(proc.now, helped);
    proc.Arrive(20);
    const SizingReport& sizing = proc.report.sizing;
    EXPECT_EQ(sizing.forecast, 50);
    EXPECT_EQ(sizing.by_forecast, helped > 0);
    EXPECT_EQ(*sizing.ahead, helped > 0 ? 50 : *sizing.offered_load);
    if (helped > 0) {
      EXPECT_GT(*sizing.need, 50) << "nor is it taken away";
    } else {
      EXPECT_EQ(*sizing.need, without);
    }
  }
}

struct Ingress {
  Policy policy;
  ServiceState state;
  Recommendation report;
  absl::Time now = kStart;

  Assessment See(double streams, bool at_least = false) {
    now += absl::Seconds(15);
    CheckedIngress checked;
    checked.streams = streams;
    checked.at_least = at_least;
    checked.per_replica = 100;
    report = {};
    return Assess(policy, checked, {}, now, state, report);
  }
};

TEST(AssessIngress, AddsGrowthOverTheLeadTime) {
  Ingress ingress;
  for (int i = 1; i <= 9; ++i) ingress.See(30.0 * i);  // two a second
  EXPECT_DOUBLE_EQ(*ingress.report.sizing.need, 270 / 0.6);
  EXPECT_NEAR(*ingress.report.sizing.out_need, (270 + 2 * 90) / 0.6, 1e-6);
}

TEST(AssessIngress, TriggerFiresAboveItsShareOfRecommendedCapacity) {
  Ingress ingress;
  ingress.policy.ingress.out.trigger.enabled = true;
  ingress.policy.ingress.out.trigger.share = 0.75;
  ingress.state.desired = 2;
  EXPECT_FALSE(ingress.See(150).ahead_fires) << "of 200";
  EXPECT_EQ(ingress.report.sizing.ahead_share, 0.75);
  EXPECT_TRUE(ingress.See(150.1).ahead_fires);
}

TEST(AssessIngress, LowerBoundKeepsTheWindowMaximum) {
  Ingress ingress;
  ingress.See(0.3, true);
  EXPECT_DOUBLE_EQ(*ingress.report.sizing.window_need, 0.5);
  ingress.See(240);
  ingress.See(60, true);
  EXPECT_DOUBLE_EQ(*ingress.report.sizing.need, 100);
  EXPECT_DOUBLE_EQ(*ingress.report.sizing.window_need, 400);
}

}  // namespace
}  // namespace chatscale::recommender
