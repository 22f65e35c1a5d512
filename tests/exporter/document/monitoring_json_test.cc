#include "exporter/document/monitoring_json.h"

#include <gtest/gtest.h>

#include "exporter/model/capacity.h"
#include "exporter/model/error_kind.h"

namespace chatscale {
namespace {

Snapshot Parse(const std::string& json) {
  const auto snapshot = ParseMonitoringDocument(json);
  EXPECT_TRUE(snapshot.ok()) << snapshot.status();
  return snapshot.value_or(Snapshot{});
}

TEST(MonitoringJson, RejectsInvalidDocuments) {
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

TEST(MonitoringJson, WrongTypesAreAbsentAndCountedAsMalformed) {
  const Snapshot s = Parse(R"({"enhanced_queue_stats":{"total_queue":"many","paid_queue":3,
      "anonymous_queue":true,"registered_queue":null},"queue_utilization":[1],
      "components":{"proc":{"instances":"none","load":-1}}})");
  EXPECT_EQ(s.queue.total, std::nullopt);
  EXPECT_EQ(s.queue.depth[static_cast<std::size_t>(UserType::kPaid)], 3);
  EXPECT_EQ(s.queue.depth[static_cast<std::size_t>(UserType::kAnonymous)], std::nullopt);
  EXPECT_EQ(s.fleet.proc.load, std::nullopt);
  EXPECT_EQ(s.malformed.Total(), 5);  // total, anonymous, utilization, instances, load; null is not
}

TEST(MonitoringJson, NotANumberIsAbsent) {
  const Snapshot s = Parse(
      R"({"components":{"proc":{"latency":{"queue_wait_ms":{"1m":{"count":2,"p95":NaN,"p50":1500}}}}}})");
  EXPECT_EQ(s.queue.wait[0].p95_seconds, std::nullopt);
  EXPECT_EQ(s.queue.wait[0].p50_seconds, 1.5);
  EXPECT_EQ(s.malformed.proc, 1);
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

TEST(MonitoringJson, ProcessLocalSseCountIsNotFleetWide) {
  const Snapshot s = Parse(
      R"({"sse_connections":{"total_connections":9,"max_connections":10,"source":"process"}})");
  EXPECT_EQ(s.sse.connections, 9);
  EXPECT_FALSE(s.sse.fleet_wide);
}

TEST(MonitoringJson, MalformedFleetTotalHasNoProcessLocalFallback) {
  for (const char* total : {"\"many\"", "NaN", "Infinity", "null", "[]"}) {
    const Snapshot s =
        Parse(std::string(R"({"sse_connections":{"total_connections":60,"max_connections":200,
            "sessions":9,"source":"process","global_max_connections":800,"global_processes":4,
            "global_total_connections":)") +
              total + "}}");
    EXPECT_EQ(s.sse.connections, std::nullopt) << total;
    EXPECT_EQ(s.sse.limit, 800) << total;
    EXPECT_EQ(s.malformed.ingress, total == std::string("null") ? 0 : 1) << total;
  }
}

TEST(MonitoringJson, DetectsWorkersMissingFromSseTotals) {  // defect D10
  const struct {
    const char* sse;
    MaybeNumber coverage;
  } cases[] = {
      {R"({"total_connections":9,"max_connections":10,"processes":4,"source":"redis"})", 1},
      {R"({"total_connections":9,"max_connections":10,"processes":1,"source":"redis"})", 0.25},
      {R"({"total_connections":9,"max_connections":10,"source":"process"})", 0.25},
      {R"({"total_connections":9,"max_connections":10,"processes":7,"source":"redis"})", 1},
      {R"({"total_connections":9,"max_connections":10,"source":"redis"})", std::nullopt},
      {"null", 0}};
  for (const auto& c : cases) {
    const Snapshot s =
        Parse(std::string(R"({"components":{"ingress":{"actual_processes":5,"instances":[
            {"instance_id":"a","processes":5,"statuses":["healthy","stale"]}]}},
            "sse_connections":)") +
              c.sse + "}");
    EXPECT_EQ(s.sse.coverage, c.coverage) << c.sse;
  }
}

TEST(MonitoringJson, MalformedFieldsAreCountedPerService) {
  const struct {
    const char* document;
    int ingress, proc, other;
  } cases[] = {
      {R"({"components":{"ingress":{"instance_count":"x","load":NaN}}})", 2, 0, 0},
      {R"({"sse_connections":{"total_connections":-1}})", 1, 0, 0},
      {R"({"components":{"proc":{"load":[]}},"enhanced_queue_stats":{"total_queue":"x"}})", 0, 2,
       0},
      {R"({"components":{"proc":{"pools":{"redis_max_connections":"x"}}}})", 0, 0, 1},
      {R"({"components":{},"circuit_breakers":{"auth":{"state":7}}})", 0, 0, 1},
      {R"({"components":{},"throttling_stats":{"total_throttled":"x"}})", 0, 0, 1},
      {R"({"components":{},"queue_analytics":{"wait_times":{"paid":"x"}}})", 0, 0, 1},
      {R"({"components":{},"gateway_config_components":{"proc":{"backpressure":
          {"capacity_buffer":"x"}}}})",
       0, 1, 0},
  };
  for (const auto& c : cases) {
    const MalformedFields malformed = Parse(c.document).malformed;
    EXPECT_EQ(malformed.ingress, c.ingress) << c.document;
    EXPECT_EQ(malformed.proc, c.proc) << c.document;
    EXPECT_EQ(malformed.other, c.other) << c.document;
  }
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
  EXPECT_EQ(s.fleet.proc.stale_processes, 1);
}

TEST(MonitoringJson, EqualCapacityKeepsReportedPressure) {
  EXPECT_EQ(EffectivePressure(WithCapacity("62", "proc").queue.capacity), 0.5);
}

TEST(MonitoringJson, CapacityOfUnknownComponentStaysAsReported) {
  const Snapshot s = WithCapacity("156", "kb:rest");
  EXPECT_EQ(s.queue.capacity.corrected, std::nullopt);
  EXPECT_EQ(EffectivePressure(s.queue.capacity), 0.5);
}

// What an ingress process answers: its own slice (c = 20) applied to whatever it counts (D3).
constexpr const char* kIngressAnswer = R"({
  "enhanced_queue_stats":{"total_queue":91},
  "capacity_info":{"weighted_max_capacity":624,"pressure_ratio":0.146,"thresholds":
    {"anonymous_threshold":374,"registered_threshold":530,"paid_threshold":561,
     "hard_limit_threshold":611}},
  "components":{
    "ingress":{"instances":[
      {"instance_id":"i","processes":2,"healthy_processes":2,"statuses":["healthy","healthy"]}]},
    "proc":{"queue":{"accepting":{"anonymous":true,"registered":true,"paid":true,
                                  "privileged":true}},
      "instances":[
        {"instance_id":"a","processes":1,"healthy_processes":1,"statuses":["healthy"]},
        {"instance_id":"b","processes":1,"healthy_processes":1,"statuses":["healthy"]},
        {"instance_id":"c","processes":1,"healthy_processes":1,"statuses":["degraded"]}]}},
  %s})";

Snapshot OfIngressAnswer(const char* gateway) {
  std::array<char, 4096> json{};
  std::snprintf(json.data(), json.size(), kIngressAnswer, gateway);
  return Parse(json.data());
}

TEST(MonitoringJson, FindsProcCapacityInEveryConfigLayout) {
  const struct {
    const char* gateway;
    double capacity;
  } cases[] = {
      {R"("gateway_config_components":{"proc":{"service_capacity":
          {"concurrent_requests_per_process":8},"backpressure":{"capacity_buffer":0.1,
          "queue_depth_multiplier":3,"capacity_source_component":"rest"}}})",
       14 + 48},
      {R"("gateway_config_raw":{"service_capacity":{"ingress":{"concurrent_requests_per_process":20},
          "proc":{"concurrent_requests_per_process":8}},
          "backpressure":{"capacity_buffer":0.1,"proc":{"queue_depth_multiplier":3}}})",
       3 * 31},
      {R"("gateway_config_raw":{"service_capacity":{"concurrent_requests_per_process":8},
          "backpressure":{"capacity_source_component":"chat-rest","capacity_buffer":0.1,
          "queue_depth_multiplier":3}})",
       14 + 48},
      {R"("gateway_config_raw":{"profile":"production"})", 3 * (4 + 10)},
  };
  for (const auto& c : cases) {
    const QueueLoad queue = OfIngressAnswer(c.gateway).queue;
    EXPECT_EQ(queue.capacity.corrected, c.capacity) << c.gateway;
    EXPECT_EQ(EffectivePressure(queue.capacity), 91 / c.capacity) << c.gateway;
  }
}

TEST(MonitoringJson, ThresholdsMatchTheCorrectedCapacity) {
  const QueueLoad queue = OfIngressAnswer(R"("gateway_config_components":{"proc":{
      "service_capacity":{"concurrent_requests_per_process":8},"backpressure":{
      "capacity_buffer":0.1,"queue_depth_multiplier":3,"anonymous_pressure_threshold":0.6,
      "registered_pressure_threshold":0.85,"hard_limit_threshold":0.98}}})")
                              .queue;
  EXPECT_EQ(queue.capacity.corrected, 93);
  EXPECT_EQ(queue.capacity.thresholds.anonymous, 55);
  EXPECT_EQ(queue.capacity.thresholds.registered, 79);
  EXPECT_EQ(queue.capacity.thresholds.paid, std::nullopt);  // not configured, and 561 is another's
  EXPECT_EQ(queue.capacity.thresholds.hard_limit, 91);
  const auto accepting = [&](UserType type) {
    return queue.accepting[static_cast<std::size_t>(type)];
  };
  EXPECT_EQ(accepting(UserType::kRegistered), false);
  EXPECT_EQ(accepting(UserType::kPaid), std::nullopt);
  EXPECT_EQ(accepting(UserType::kPrivileged), false);  // 91 tasks are not below 91
}

}  // namespace
}  // namespace chatscale
