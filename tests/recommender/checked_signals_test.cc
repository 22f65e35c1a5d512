#include "recommender/checked_signals.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

CheckedIngress IngressOf(const IngressSignals& signals) { return Read({}, signals, kStart); }
CheckedProc ProcOf(const ProcSignals& signals) { return Read({}, signals, kStart); }

ProcSignals NoTasks() {
  ProcSignals signals;
  signals.sampled_at = kStart;
  signals.current_replicas = 2;
  return signals;
}

TEST(Read, RejectsImpossibleValues) {
  ProcSignals signals = NoTasks();
  for (const double value : {0.0, 1.0, 1e9}) {
    signals.queue_total = value;
    EXPECT_EQ(ProcOf(signals).total, value);
    EXPECT_FALSE(ProcOf(signals).partial);
  }
  for (const double value : {-1e-9, 1e9 + 1, std::numeric_limits<double>::quiet_NaN()}) {
    signals.queue_total = value;
    EXPECT_EQ(ProcOf(signals).total, std::nullopt);
    EXPECT_TRUE(ProcOf(signals).partial);
  }
  signals.queue_total.reset();
  EXPECT_EQ(ProcOf(signals).total, std::nullopt);
  EXPECT_FALSE(ProcOf(signals).partial) << "what nobody measured is not wrong";
}

TEST(Read, BusySlotsComeFromHeartbeatsElseClaims) {
  ProcSignals signals = NoTasks();
  EXPECT_EQ(ProcOf(signals).busy, std::nullopt);
  signals.in_flight = 0;
  EXPECT_EQ(ProcOf(signals).busy, 0);
  signals.busy_slots = 0.5;
  EXPECT_EQ(ProcOf(signals).busy, 0.5);
  signals.in_flight = 3;
  EXPECT_EQ(ProcOf(signals).busy, 0.5) << "what no live process runs asks for no replica";
  EXPECT_EQ(ProcOf(signals).orphaned, 2.5);
  signals.draining_load = 2;
  EXPECT_EQ(ProcOf(signals).orphaned, 0.5);
  signals.busy_slots.reset();
  EXPECT_EQ(ProcOf(signals).busy, 1);
  EXPECT_EQ(ProcOf(signals).orphaned, 0) << "without heartbeats nobody can tell";
  signals.in_flight.reset();
  signals.busy_slots = 0;
  EXPECT_EQ(ProcOf(signals).busy, 0);
}

TEST(Read, NoRequestsCountAsZeroLatency) {
  IngressSignals signals = Calm(kStart).ingress;
  signals.rest_samples = signals.rest_p95_seconds = std::nullopt;
  EXPECT_EQ(IngressOf(signals).rest_p95, std::nullopt);
  signals.rest_samples = 0;
  EXPECT_EQ(IngressOf(signals).rest_p95, 0);
}

TEST(Read, ReplicaCountMustBeAPlausibleInteger) {
  for (const double count : {0.0, 1.0, 1e6}) {
    IngressSignals signals = Calm(kStart).ingress;
    signals.current_replicas = count;
    EXPECT_EQ(IngressOf(signals).current, count);
    EXPECT_FALSE(IngressOf(signals).partial);
  }
  for (const double count : {2.5, 1e6 + 1}) {
    IngressSignals signals = Calm(kStart).ingress;
    signals.current_replicas = count;
    EXPECT_EQ(IngressOf(signals).current, std::nullopt);
    EXPECT_TRUE(IngressOf(signals).partial);
  }
}

TEST(Read, StaleAndFutureSamplesAreIgnored) {
  const absl::Duration most = InputPolicy().max_age;
  for (const absl::Duration age : {absl::ZeroDuration(), most, -most}) {
    IngressSignals signals = Calm(kStart).ingress;
    signals.sampled_at = kStart - age;
    EXPECT_TRUE(IngressOf(signals).fresh) << age;
    EXPECT_EQ(IngressOf(signals).age, age);
    EXPECT_EQ(IngressOf(signals).streams, 100);
  }
  for (const absl::Duration beyond : {most + absl::Nanoseconds(1), -most - absl::Nanoseconds(1)}) {
    IngressSignals signals = Calm(kStart).ingress;
    signals.sampled_at = kStart - beyond;
    EXPECT_FALSE(IngressOf(signals).fresh) << beyond;
    EXPECT_EQ(IngressOf(signals).streams, std::nullopt);
  }
  IngressSignals none = Calm(kStart).ingress;
  none.sampled_at.reset();
  EXPECT_FALSE(IngressOf(none).fresh);
  EXPECT_EQ(IngressOf(none).streams, std::nullopt);
}

TEST(Read, SaturationUsesReportedElseConfiguredCapacity) {
  struct Row {
    MaybeNumber capacity, limit, count, saturation, per_replica;
  };
  const Row rows[] = {
      {200, {}, 2, 0.5, 100}, {200, 30, 2, 0.5, 30}, {{}, 50, 2, 1, 50},
      {0, 50, 2, 1, 50},      {{}, 1, 1, 100, 1},    {1, {}, 1, 100, 1},
      {200, {}, 0, {}, {}},   {{}, 0, 2, {}, {}},    {{}, {}, 2, {}, {}},
  };
  for (const Row& row : rows) {
    IngressSignals signals = Calm(kStart).ingress;
    signals.stream_capacity = row.capacity;
    signals.streams_per_replica = row.limit;
    signals.current_replicas = row.count;
    EXPECT_EQ(IngressOf(signals).saturation, row.saturation) << row.capacity.value_or(-1);
    EXPECT_EQ(IngressOf(signals).per_replica, row.per_replica) << row.capacity.value_or(-1);
  }
}

TEST(Read, PartialStreamsAreALowerBound) {
  IngressSignals signals = Calm(kStart).ingress;
  signals.streams_at_least = 7;
  EXPECT_FALSE(IngressOf(signals).at_least);
  EXPECT_FALSE(IngressOf(signals).partial);
  signals.streams.reset();
  EXPECT_EQ(IngressOf(signals).streams, 7);
  EXPECT_TRUE(IngressOf(signals).at_least);
  EXPECT_TRUE(IngressOf(signals).partial);
}

TEST(Read, PercentileOfTooFewSamplesIsUnknown) {
  IngressSignals signals = Calm(kStart).ingress;
  signals.rest_samples = 5;
  EXPECT_EQ(IngressOf(signals).rest_p95, 0.7);
  signals.rest_samples = 4;
  EXPECT_EQ(IngressOf(signals).rest_p95, std::nullopt);
  signals.rest_samples.reset();
  EXPECT_EQ(IngressOf(signals).rest_p95, 0.7) << "of an unstated number it is taken as it is";
}

TEST(Read, DerivesTotalWaitingOrBusyFromTheOthers) {
  struct Row {
    MaybeNumber total, waiting, busy, in_flight;
    MaybeNumber expect_total, expect_waiting, expect_busy;
  };
  const Row rows[] = {
      {10, {}, 4, {}, 10, 6, 4},    {10, {}, 12, {}, 10, 0, 12}, {10, 6, {}, {}, 10, 6, 4},
      {10, 12, {}, {}, 10, 12, 0},  {{}, 6, 4, {}, 10, 6, 4},    {10, 2, 3, {}, 10, 2, 3},
      {10, {}, 3, 5, 10, 5, 3},     {10, {}, 5, 3, 10, 7, 5},    {10, {}, {}, 5, 10, 5, 5},
      {10, {}, {}, {}, 10, {}, {}}, {{}, 6, {}, {}, {}, 6, {}},  {{}, {}, 4, {}, {}, {}, 4},
  };
  for (const Row& row : rows) {
    ProcSignals signals = NoTasks();
    signals.queue_total = row.total;
    signals.waiting = row.waiting;
    signals.busy_slots = row.busy;
    signals.in_flight = row.in_flight;
    const CheckedProc checked = ProcOf(signals);
    const std::string which = testing::PrintToString(row.total) + testing::PrintToString(row.busy);
    EXPECT_EQ(checked.total, row.expect_total) << which;
    EXPECT_EQ(checked.waiting, row.expect_waiting) << which;
    EXPECT_EQ(checked.busy, row.expect_busy) << which;
  }
}

TEST(Read, EmptyQueueHasZeroWait) {
  ProcSignals signals = NoTasks();
  signals.wait_samples = 0;
  signals.queue_total = 0;
  EXPECT_EQ(ProcOf(signals).wait_p95, 0);
  signals.queue_total = 1;
  EXPECT_EQ(ProcOf(signals).wait_p95, std::nullopt);
  signals.queue_total = 0;
  signals.wait_samples = 1;
  EXPECT_EQ(ProcOf(signals).wait_p95, std::nullopt);
}

TEST(Read, ImpossibleExecutionTimesAreUnknown) {
  constexpr double kWeek = 7 * 86400;
  struct Row {
    MaybeNumber p50, p95;
    bool known;
  };
  const Row rows[] = {{20, 40, true},    {20, 20, true},         {40, 20, false},
                      {kWeek, {}, true}, {kWeek + 1, {}, false}, {kWeek + 1, kWeek + 2, false}};
  for (const Row& row : rows) {
    ProcSignals signals = NoTasks();
    signals.exec_p50_seconds = row.p50;
    signals.exec_p95_seconds = row.p95;
    const CheckedProc checked = ProcOf(signals);
    EXPECT_EQ(checked.exec_p50, row.known ? row.p50 : std::nullopt) << *row.p50;
    EXPECT_EQ(checked.exec_p95, row.known ? row.p95 : std::nullopt) << *row.p50;
    EXPECT_EQ(checked.partial, !row.known) << *row.p50;
  }
}

}  // namespace
}  // namespace chatscale::recommender
