#include "exporter/recommendations/signals_of.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "recommender/state_fields.h"

namespace chatscale {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

recommender::Signals Of(const Snapshot& snapshot) {
  return SignalsOf(snapshot, {kNow, {kNow, kNow}});
}

Snapshot Streams(double connections, double limit, double workers) {
  Snapshot s;
  s.fleet.ingress.present = true;
  s.fleet.ingress.processes_per_instance = 2;
  s.sse.connections = connections;
  s.sse.limit = limit;
  s.sse.workers = workers;
  return s;
}

TEST(SignalsOf, FullCoverageGivesExactStreams) {
  Snapshot s = Streams(760, 800, 8);
  s.sse.coverage = 1;
  EXPECT_EQ(Of(s).ingress.streams, 760);
  EXPECT_EQ(Of(s).ingress.stream_capacity, 800);
  EXPECT_EQ(Of(s).ingress.streams_at_least, std::nullopt);
  EXPECT_EQ(Of(s).ingress.streams_per_replica, 200);
}

TEST(SignalsOf, PartialCoverageGivesALowerBound) {
  Snapshot s = Streams(5, 100, 1);
  s.sse.coverage = 0.125;
  EXPECT_EQ(Of(s).ingress.streams, std::nullopt);
  EXPECT_EQ(Of(s).ingress.stream_capacity, std::nullopt);
  EXPECT_EQ(Of(s).ingress.streams_at_least, 5);
  EXPECT_EQ(Of(s).ingress.streams_per_replica, 200);
}

TEST(SignalsOf, ProcessLocalCountIsUnknownForTheFleet) {
  Snapshot s = Streams(5, 100, 1);
  s.sse.fleet_wide = false;
  EXPECT_EQ(Of(s).ingress.streams, std::nullopt);
}

TEST(SignalsOf, MalformedFieldsMarkTheirServicePartial) {
  const struct {
    MalformedFields malformed;
    bool ingress, proc;
  } cases[] = {
      {{}, false, false},
      {{{1, 0}, 0}, true, false},
      {{{0, 1}, 0}, false, true},
      {{{}, 9}, false, false},  // a circuit breaker, a throttling figure
  };
  for (const auto& c : cases) {
    Snapshot s;
    s.malformed = c.malformed;
    EXPECT_EQ(Of(s).ingress.partial, c.ingress);
    EXPECT_EQ(Of(s).proc.partial, c.proc);
  }
}

TEST(SignalsOf, EmptySnapshotGivesUnknownSignals) {
  const recommender::Signals signals = Of({});
  int fields = 0;
  const auto unknown = [&](std::string_view name, const auto& field) {
    ++fields;
    if constexpr (std::is_same_v<decltype(field), const MaybeNumber&>) {
      EXPECT_EQ(field, std::nullopt) << name;
    }
  };
  recommender::VisitFields(signals.ingress, unknown);
  recommender::VisitFields(signals.proc, unknown);
  recommender::VisitFields(signals.shared, unknown);
  EXPECT_GT(fields, 30);
}

TEST(SignalsOf, EachServiceHasItsOwnSampleTime) {
  const absl::Time earlier = kNow - absl::Seconds(40);
  const recommender::Signals signals = SignalsOf({}, {kNow, {earlier, std::nullopt}});
  EXPECT_EQ(signals.now, kNow);
  EXPECT_EQ(signals.ingress.sampled_at, earlier);
  EXPECT_EQ(signals.proc.sampled_at, std::nullopt);
}

TEST(SignalsOf, MapsEveryQueueField) {
  Snapshot s;
  s.queue.total = 1;
  s.queue.waiting = 2;
  s.queue.in_flight = 3;
  s.queue.capacity = {.reported = 100,
                      .reported_pressure = 0.9,
                      .reported_utilization = 0.9,
                      .corrected = 5,
                      .corrected_pressure = 6,
                      .corrected_utilization = 7,
                      .thresholds = {}};
  s.queue.jobs_waiting = 6;
  s.queue.jobs_claimed = 7;
  s.counts.admitted_tasks = 20;
  s.counts.finished = 21;
  s.queue.wait = {{{9, {}, 10, {}, {}}, {90, {}, 91, {}, {}}, {92, {}, 93, {}, {}}}};
  s.queue.exec = {{{11, 12, 13, {}, {}}, {94, 95, 96, {}, {}}, {97, 98, 99, {}, {}}}};
  s.queue.oldest_waiting_seconds = {{1, 14, std::nullopt, 3, 0}};
  s.fleet.proc.processes_per_instance = 2;
  s.fleet.proc.concurrency_per_process = 8;
  s.db.limit = 17;
  s.throttling.ingress.windows = {{{100, 101, 18}, {102, 103, 104}, {105, 106, 107}}};
  s.throttling.proc.windows = {{{108, 109, 110}, {}, {}}};
  const recommender::ProcSignals proc = Of(s).proc;
  EXPECT_EQ(proc.queue_total, 1);
  EXPECT_EQ(proc.waiting, 2);
  EXPECT_EQ(proc.in_flight, 3);
  EXPECT_EQ(proc.queue_capacity, 5);
  EXPECT_EQ(proc.jobs_waiting, 6);
  EXPECT_EQ(proc.jobs_claimed, 7);
  EXPECT_EQ(proc.admitted_tasks, 20);
  EXPECT_EQ(proc.finished_tasks, 21);
  EXPECT_EQ(proc.wait_samples, 9) << "of the last minute, like the rest";
  EXPECT_EQ(proc.wait_p95_seconds, 10);
  EXPECT_EQ(proc.exec_samples, 11);
  EXPECT_EQ(proc.completed, 11);
  EXPECT_EQ(proc.refused, 18) << "for want of room in the queue, by the ingress";
  EXPECT_EQ(proc.exec_p50_seconds, 12);
  EXPECT_EQ(proc.exec_p95_seconds, 13);
  EXPECT_EQ(proc.oldest_waiting_seconds, 14);
  EXPECT_EQ(proc.slots_per_replica, 16);
  EXPECT_EQ(Of(s).shared.postgres_limit, 17);
}

TEST(SignalsOf, CapacityFallsBackToReported) {
  Snapshot s;
  s.queue.capacity.reported = 100;
  EXPECT_EQ(Of(s).proc.queue_capacity, 100);
}

TEST(SignalsOf, SlotsFallBackToGatewayConfig) {
  Snapshot s;
  s.gateway_proc.processes_per_instance = 3;
  s.gateway_proc.concurrent_per_process = 5;
  EXPECT_EQ(Of(s).proc.slots_per_replica, 15);
}

TEST(SignalsOf, LoadsAndSlotsExcludeDrainingReplicas) {
  Snapshot s;
  ServiceFleet& fleet = s.fleet.proc;
  EXPECT_EQ(Of(s).proc.current_replicas, std::nullopt) << "no section";
  fleet.present = true;
  EXPECT_EQ(Of(s).proc.current_replicas, 0) << "a section without instances";
  fleet.instance_list = {
      {.id = "free", .working = 1, .slots = 10, .running = 3, .draining_load = 0},
      {.id = "full", .working = 1, .slots = 10, .running = 10, .draining_load = 0},
      {.id = "idle", .working = 1, .slots = 8, .running = 0, .draining_load = 0},
      {.id = "ends", .processes = 1, .draining = true, .working = 0, .draining_load = 7},
  };
  const recommender::ProcSignals proc = Of(s).proc;
  EXPECT_EQ(proc.current_replicas, 3);
  EXPECT_EQ(proc.draining_replicas, 1);
  EXPECT_EQ(proc.busy_slots, 13);
  EXPECT_EQ(proc.draining_load, 7);
  EXPECT_EQ(proc.live_slots, 28);
  EXPECT_EQ(proc.free_slots, 15);
  EXPECT_EQ(proc.free_processes, 2);
  EXPECT_EQ(proc.free_load, 3);
  EXPECT_EQ(proc.idle_replicas, 1);
  EXPECT_EQ(proc.slots_per_replica, 10);
  EXPECT_FALSE(proc.partial);
  fleet.instance_list[0].running.reset();
  EXPECT_EQ(Of(s).proc.busy_slots, std::nullopt) << "of one it is not known";
  EXPECT_TRUE(Of(s).proc.partial);
}

TEST(SignalsOf, ConnectionsArePerReplica) {
  Snapshot s;
  s.fleet.ingress.postgres_connections_per_instance = 12;
  s.fleet.ingress.redis_connections_per_process = 20;
  EXPECT_EQ(Of(s).ingress.postgres_connections_per_replica, 12);
  EXPECT_EQ(Of(s).ingress.redis_connections_per_replica, std::nullopt) << "how many processes?";
  s.fleet.ingress.processes_per_instance = 2;
  EXPECT_EQ(Of(s).ingress.redis_connections_per_replica, 40);
}

TEST(SignalsOf, RestLatencyCoversTheLastMinute) {
  Snapshot s;
  s.rest = {{{1, {}, 2, {}, {}}, {3, {}, 4, {}, {}}, {5, {}, 6, {}, {}}}};
  EXPECT_EQ(Of(s).ingress.rest_samples, 1);
  EXPECT_EQ(Of(s).ingress.rest_p95_seconds, 2);
}

}  // namespace
}  // namespace chatscale
