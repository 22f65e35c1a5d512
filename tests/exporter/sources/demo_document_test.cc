// What readers of the simulated document rely on, at any instant and after any change of replicas.
#include <gtest/gtest.h>

#include <string>

#include "exporter/document/monitoring_json.h"
#include "exporter/metrics/naming.h"
#include "exporter/sources/demo_source.h"
#include "tests/exporter/sources/demo_day.h"

namespace chatscale {
namespace {

constexpr double kBusiest = kStart + 7 * kHour;

Snapshot SnapshotOf(const DemoSystem& system) {
  return ParseMonitoringDocument(DemoDocument(system)).value();
}

// Relations that hold between the fields of one document.
void ExpectConsistent(const Snapshot& s, const std::string& when) {
  SCOPED_TRACE(when);
  EXPECT_EQ(s.malformed.Total(), 0);  // a negative count would be one
  double depth = 0;
  for (const MaybeNumber& of_user : s.queue.depth) depth += of_user.value_or(-1);
  EXPECT_EQ(depth, s.queue.total);
  EXPECT_EQ(*s.queue.waiting + *s.queue.in_flight, s.queue.total);
  EXPECT_EQ(s.queue.in_flight, s.fleet.proc.load);
  EXPECT_LE(s.fleet.proc.load, s.fleet.proc.capacity);
  EXPECT_LE(s.sse.connections, s.sse.limit);
  EXPECT_EQ(s.queue.capacity.corrected, s.queue.capacity.reported);
  EXPECT_EQ(*s.fleet.proc.healthy_processes + *s.fleet.proc.draining_processes,
            s.fleet.proc.processes);
  EXPECT_EQ(*s.fleet.ingress.healthy_processes + *s.fleet.ingress.draining_processes,
            s.fleet.ingress.processes);
  EXPECT_GE(s.throttling.ingress.requests_hour, s.throttling.ingress.hour.throttled);
  for (const PoolUse& pool : s.fleet.proc.pools) EXPECT_LE(pool.in_use, pool.limit);
}

TEST(DemoDocument, IsConsistentDuringScaling) {
  DemoSystem system(2, kBusiest);
  const struct { int ingress, proc; } kSteps[] = {{4, 6}, {2, 3}, {1, 1}, {3, 5}, {3, 0}, {2, 3}};
  double now = kBusiest;
  for (const auto& step : kSteps) {
    system.SetDesired(step.ingress, step.proc);
    for (const double end = now + 600; now < end; now += 17) {
      system.AdvanceTo(now);
      ExpectConsistent(SnapshotOf(system), std::to_string(now - kBusiest));
    }
  }
}

TEST(DemoDocument, HasEveryUpstreamScalar) {
  const Snapshot snapshot = SnapshotOf(DemoSystem(1, kBusiest));
  for (const UpstreamKey& key : UpstreamKeys()) EXPECT_TRUE(key.Read(snapshot)) << key.key();
  for (const Pool pool : {Pool::kPostgres, Pool::kRedisAsync}) {
    for (const ServiceFleet* component : {&snapshot.fleet.ingress, &snapshot.fleet.proc}) {
      const PoolUse& use = component->pools[static_cast<std::size_t>(pool)];
      EXPECT_GT(use.window_in_use.max, 0);
      EXPECT_GT(use.window_utilization.mean[0], 0);
      EXPECT_LE(use.window_utilization.max, 1);
    }
  }
}

// Memory is bounded by an hour's events; a document of the same hour is as long ten days later.
TEST(DemoSystem, DropsEventsOlderThanOneHour) {
  DemoSystem system(1, kBusiest);
  const std::size_t first = DemoDocument(system).size();
  system.AdvanceTo(kBusiest + 10 * 24 * kHour);
  // At this instant a sample was taken, which trims.
  const auto hour = static_cast<std::size_t>(Window::k1h);
  const DemoSystem::Rollings& all = system.rollings();
  for (const Rolling* rolling : {&all.rest, &all.wait, &all.exec, &all.depth, &all.attempted,
                                 &all.rate_limited, &all.proc_pools.redis_in_use}) {
    EXPECT_EQ(rolling->size(), rolling->Summaries(system.now())[hour].count);
    EXPECT_LT(rolling->size(), 50'000u);
  }
  EXPECT_LT(DemoDocument(system).size(), first + 1'000);
}

TEST(DemoDocument, ShowsDrainingAsTheUpstreamDoes) {
  DemoSystem system(1, kBusiest);
  system.SetDesired(2, 2);
  const Snapshot snapshot = SnapshotOf(system);
  EXPECT_EQ(snapshot.fleet.proc.instances, 3);
  EXPECT_EQ(snapshot.fleet.proc.healthy_processes, 2);
  int draining = 0;
  for (const Instance& instance : snapshot.fleet.proc.instance_list) {
    if (!instance.draining.value()) continue;
    ++draining;
    EXPECT_EQ(instance.healthy_processes, 0);
    EXPECT_GE(instance.max_heartbeat_age_seconds, 45);  // silent past the timeout, within the grace
    EXPECT_LE(instance.max_heartbeat_age_seconds, 90);
  }
  EXPECT_EQ(draining, 1);
}

}  // namespace
}  // namespace chatscale
