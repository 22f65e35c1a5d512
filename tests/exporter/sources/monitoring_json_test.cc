#include "exporter/sources/monitoring_json.h"

#include <gtest/gtest.h>

#include "exporter/core/error_kind.h"
#include "exporter/core/queue_capacity.h"

namespace chatscale {
namespace {

Snapshot Parse(const std::string& json) {
  const auto snapshot = ParseMonitoringDocument(json);
  EXPECT_TRUE(snapshot.ok()) << snapshot.status();
  return snapshot.value_or(Snapshot{});
}

TEST(MonitoringJson, RefusesWhatIsNotADocument) {
  const struct {
    const char* bytes;
    ErrorKind kind;
  } cases[] = {
      {"", ErrorKind::kParse},
      {"<html>", ErrorKind::kParse},
      {R"({"components":{)", ErrorKind::kParse},
      {"[]", ErrorKind::kSchema},
      {"null", ErrorKind::kSchema},
      {"{}", ErrorKind::kSchema},
      {R"({"detail":"no"})", ErrorKind::kSchema},
  };
  for (const auto& c : cases) {
    const auto snapshot = ParseMonitoringDocument(c.bytes);
    ASSERT_FALSE(snapshot.ok()) << c.bytes;
    EXPECT_EQ(KindOf(snapshot.status()), c.kind) << c.bytes;
  }
}

TEST(MonitoringJson, AWrongTypeIsAbsentAndCountedAndSparesTheRest) {
  const Snapshot s = Parse(R"({"enhanced_queue_stats":{"total_queue":"many","paid_queue":3,
      "anonymous_queue":true,"registered_queue":null},"queue_utilization":[1],
      "components":{"proc":{"instances":"none","load":-1}}})");
  EXPECT_EQ(s.queue.total, std::nullopt);
  EXPECT_EQ(s.queue.depth[static_cast<std::size_t>(UserType::kPaid)], 3);
  EXPECT_EQ(s.queue.depth[static_cast<std::size_t>(UserType::kAnonymous)], std::nullopt);
  EXPECT_EQ(s.proc.load, std::nullopt);
  EXPECT_EQ(s.malformed_fields, 5);  // total, anonymous, utilization, instances, load; null is not
}

TEST(MonitoringJson, NotANumberIsAbsent) {
  const Snapshot s = Parse(
      R"({"components":{"proc":{"latency":{"queue_wait_ms":{"1m":{"count":2,"p95":NaN,"p50":1500}}}}}})");
  EXPECT_EQ(s.queue.wait[0].p95_seconds, std::nullopt);
  EXPECT_EQ(s.queue.wait[0].p50_seconds, 1.5);
  EXPECT_EQ(s.malformed_fields, 0);
}

TEST(MonitoringJson, AcceptsTheOldFlatLatencyShape) {
  const Snapshot s =
      Parse(R"({"components":{"proc":{"latency":{"queue_wait_ms":{"p95":250.0,"count":7}}}}})");
  EXPECT_EQ(s.queue.wait[0].p95_seconds, 0.25);
  EXPECT_EQ(s.queue.wait[0].count, 7);
  EXPECT_EQ(s.queue.wait[1].p95_seconds, std::nullopt);
}

TEST(MonitoringJson, AGlobalSseTotalOfZeroIsZero) {  // defect D7
  const Snapshot s = Parse(R"({"sse_connections":{"total_connections":9,"max_connections":10,
      "sessions":9,"source":"process","global_total_connections":0,"global_max_connections":800,
      "global_sessions":0,"global_processes":4}})");
  EXPECT_EQ(s.sse.connections, 0);
  EXPECT_EQ(s.sse.limit, 800);
  EXPECT_TRUE(s.sse.fleet_wide);
}

TEST(MonitoringJson, AProcessLocalSseCountSaysSo) {
  const Snapshot s = Parse(
      R"({"sse_connections":{"total_connections":9,"max_connections":10,"source":"process"}})");
  EXPECT_EQ(s.sse.connections, 9);
  EXPECT_FALSE(s.sse.fleet_wide);
}

TEST(MonitoringJson, BothShapesOfCircuitBreakersAreRead) {
  const char* const shapes[] = {
      R"({"components":{},"circuit_breakers":{"auth":{"state":"open","current_window_failures":3}}})",
      R"({"components":{},"circuit_breakers":{"summary":{"total_circuits":1},
          "circuits":{"auth":{"state":"open","current_window_failures":3}}}})"};
  for (const char* shape : shapes) {
    const Snapshot s = Parse(shape);
    ASSERT_EQ(s.circuit_breakers.size(), 1U) << shape;
    EXPECT_EQ(s.circuit_breakers[0].name, "auth");
    EXPECT_EQ(s.circuit_breakers[0].state, "open");
    EXPECT_EQ(s.circuit_breakers[0].window_failures, 3);
  }
}

constexpr const char* kCapacityDocument = R"({
  "enhanced_queue_stats":{"total_queue":30},
  "capacity_info":{"weighted_max_capacity":%s,"pressure_ratio":0.5},"queue_utilization":50.0,
  "components":{"proc":{"instances":[
    {"instance_id":"a","processes":1,"healthy_processes":1,"statuses":["healthy"]},
    {"instance_id":"b","processes":2,"healthy_processes":1,"statuses":["degraded","stale"]}]}},
  "gateway_config_components":{"proc":{"service_capacity":{"concurrent_requests_per_process":8},
    "backpressure":{"capacity_buffer":0.1,"queue_depth_multiplier":3,
                    "capacity_source_component":"%s"}}}})";

Snapshot WithCapacity(const char* reported, const char* source) {
  std::array<char, 2048> json{};
  std::snprintf(json.data(), json.size(), kCapacityDocument, reported, source);
  return Parse(json.data());
}

TEST(MonitoringJson, CapacityIsRecomputedWithTheProcessorsOwnConfiguration) {  // defects D2, D3
  const Snapshot s = WithCapacity("156", "proc");
  EXPECT_EQ(s.queue.capacity.corrected, 2 * (7 + 24));
  EXPECT_EQ(EffectivePressure(s.queue.capacity), 30.0 / 62);
  EXPECT_EQ(s.queue.capacity.reported_pressure, 0.5);
  EXPECT_EQ(s.proc.stale_processes, 1);
}

TEST(MonitoringJson, AnEqualCapacityKeepsTheReportedFiguresToTheLastDigit) {
  EXPECT_EQ(EffectivePressure(WithCapacity("62", "proc").queue.capacity), 0.5);
}

TEST(MonitoringJson, CapacityOfAnotherComponentIsLeftAsReported) {
  const Snapshot s = WithCapacity("156", "rest");
  EXPECT_EQ(s.queue.capacity.corrected, std::nullopt);
  EXPECT_EQ(EffectivePressure(s.queue.capacity), 0.5);
}

}  // namespace
}  // namespace chatscale
