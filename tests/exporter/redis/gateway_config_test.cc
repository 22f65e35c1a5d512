// Which configuration is in force, for whom.
#include "exporter/redis/gateway_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporter/redis/gateway_fallback.h"
#include "tests/support/temp_folder.h"

namespace chatscale::redis {
namespace {

GatewayConfig Parse(std::string_view text) { return ParseGatewayConfig(JsonOf(text), "x"); }

TEST(GatewayConfigTest, DefaultsToDevelopmentProfile) {
  const GatewayConfig config = Parse("{}");
  EXPECT_EQ(config.source, "default");
  EXPECT_EQ(config.proc.concurrent_per_process, 5);
  EXPECT_EQ(config.proc.anonymous_ratio, 0.8);
  EXPECT_EQ(config.proc.registered_ratio, 0.9);
}

TEST(GatewayConfigTest, SectionsAreFlatOrPerComponent) {
  const GatewayConfig flat =
      Parse(R"({"service_capacity": {"concurrent_requests_per_process": 9}})");
  EXPECT_EQ(flat.ingress.concurrent_per_process, 9);
  EXPECT_EQ(flat.proc.concurrent_per_process, 9);
  EXPECT_EQ(flat.proc.anonymous_ratio, 0.6);
  const GatewayConfig sliced = Parse(R"({"service_capacity": {
      "ingress": {"concurrent_requests_per_process": 20},
      "worker": {"concurrent_requests_per_process": 8}}})");
  EXPECT_EQ(sliced.ingress.concurrent_per_process, 20);
  EXPECT_EQ(sliced.proc.concurrent_per_process, 8);
}

// Defect D13.
TEST(GatewayConfigTest, ComponentSlicesOverrideSharedValues) {
  const GatewayConfig config = Parse(R"({
      "pools": {"pg_max_connections": 500, "proc": {"pg_pool_max_size": 6}},
      "backpressure": {"capacity_source_component": "ingress", "capacity_buffer": 0.5,
                       "ingress": {}, "proc": {"capacity_buffer": 0.1}}})");
  EXPECT_EQ(config.proc.pg_max_connections, 500);
  EXPECT_EQ(config.ingress.pg_max_connections, 500);
  EXPECT_EQ(config.proc.PgPerProcess(), 6);
  EXPECT_EQ(config.proc.capacity_source_name, "rest");
  EXPECT_EQ(config.proc.capacity_buffer, 0.1);
  EXPECT_EQ(config.ingress.capacity_buffer, 0.5);
}

TEST(GatewayConfigTest, MalformedValuesKeepDefaultsAndAreCounted) {
  const GatewayConfig config = Parse(R"({
      "service_capacity": {"concurrent_requests_per_process": "8", "avg_processing_time_seconds": 0},
      "backpressure": {"capacity_buffer": 7, "queue_depth_multiplier": null},
      "monitoring": {"heartbeat_timeout_seconds": NaN}})");
  EXPECT_EQ(config.proc.concurrent_per_process, 5);
  EXPECT_EQ(config.proc.avg_processing_seconds, 25);
  EXPECT_EQ(config.proc.capacity_buffer, 0.2);
  EXPECT_EQ(config.heartbeat_timeout_seconds, 45);
  EXPECT_GE(config.malformed, 3);
  EXPECT_EQ(config.malformed_capacity, 3);
}

TEST(GatewayFallbackTest, ReadsYamlLikeJson) {
  const TempFolder folder;
  const std::string path = folder.Write("gateway.yaml", R"(
gateway:
  tenant: acme
  project: "{{PROJECT}}"
  service_capacity:
    proc: {concurrent_requests_per_process: 8, processes_per_instance: 2}
  guarded_rest_patterns: ["^/a$"]
)");
  const auto sample = ReadGatewayFallback("", path);
  ASSERT_TRUE(sample.ok()) << sample.status();
  EXPECT_EQ((*sample)->config.source, "yaml");
  EXPECT_EQ((*sample)->config.proc.concurrent_per_process, 8);
  EXPECT_EQ((*sample)->config.proc.processes_per_instance, 2);
  EXPECT_EQ(TargetOf(**sample, {"env-tenant", "env-project"}), (Target{"acme", "env-project"}));
  EXPECT_EQ(TargetOf(**ReadGatewayFallback("", ""), {}), (Target{"home", "default-project"}));
}

TEST(GatewayFallbackTest, InvalidFilesAreConfigErrors) {
  const TempFolder folder;
  EXPECT_EQ(ReadGatewayFallback("[1]", "").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadGatewayFallback("", folder.Path("none")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadGatewayFallback("", folder.Write("x.yaml", "a: [")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadGatewayFallback("", folder.Write("y.yaml", "gateway: 3")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace chatscale::redis
