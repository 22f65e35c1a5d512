// Many tenants: one target at a time, found through service discovery, shared among processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"
#include "tests/e2e/prometheus.h"
#include "tests/support/redis_server.h"

namespace chatscale {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Chatscale StartOn(RedisServer& server, const std::string& targets) {
  return StartChatscale({{"REDIS_URL", server.TcpUrl()}, {"METRICS_TARGETS_JSON", targets}});
}

std::string TargetsJson(int count) {
  json list = json::array();
  for (int i = 0; i < count; ++i) {
    list.push_back({{"tenant", "t" + std::to_string(i)}, {"project", "p"}});
  }
  return list.dump();
}

TEST(TargetsE2e, ProbeReturnsOneConfiguredTarget) {
  RedisServer server;
  const Chatscale program = StartOn(server, TargetsJson(3));
  ASSERT_TRUE(program.listening());
  program.AwaitMetric("chat_exporter_up{tenant=\"t2\",project=\"p\",source=\"redis\"} 1");
  const std::string probe = Fetch(program.port(), "/probe?tenant=t1&project=p").body;
  EXPECT_THAT(probe, HasSubstr("chat_exporter_up{tenant=\"t1\",project=\"p\",source=\"redis\"} 1"));
  EXPECT_THAT(probe, Not(HasSubstr("tenant=\"t0\"")));
  EXPECT_THAT(probe, HasSubstr("chat_exporter_snapshot_age_seconds{tenant=\"t1\""));
  // Facts of the process are those of /metrics: none is made up here.
  EXPECT_THAT(probe, Not(HasSubstr("chat_exporter_http_connections")));
  EXPECT_EQ(Fetch(program.port(), "/probe").status, 400);
  EXPECT_EQ(Fetch(program.port(), "/probe?tenant=t1").status, 400);
  EXPECT_EQ(Fetch(program.port(), "/probe?tenant=http://169.254.169.254/&project=p").status, 404);
}

// An autoscaler that asks for one tenant is never told another one's count.
TEST(TargetsE2e, RejectsAmbiguousAndUnknownTargets) {
  RedisServer server;
  const Chatscale program = StartOn(server, TargetsJson(2));
  ASSERT_TRUE(program.listening());
  program.AwaitMetric("chat_exporter_up{tenant=\"t1\",project=\"p\",source=\"redis\"} 1");
  const char* const refused[] = {
      "/api/v1/recommendations/proc",
      "/api/v1/recommendations/proc?project=p",
      "/api/v1/recommendations/proc?tenant=t2&project=p",
      "/api/v1/recommendations/proc?tenent=t1&project=p",
      "/api/v1/recommendations/proc?tenant=t0&tenant=t1",
      "/api/v1/recommendations/ingress/t0",
      "/api/v1/recommendations/ingress/t0/p/x",
      "/api/v1/recommendations?tenant=t2",
      "/metrics/ingress/system",
      "/metrics/proc/system?tenant=T1&project=p",
      "/metrics/combined",
  };
  for (const char* path : refused) {
    const HttpReply answer = Fetch(program.port(), path);
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_EQ(json::parse(answer.body).at("targets").size(), 2u) << path;
  }
  // No process lives there, so that there is no recommendation; but the target was found.
  for (const char* path :
       {"/api/v1/recommendations/proc?tenant=t1", "/api/v1/recommendations/proc/t1/p"}) {
    const HttpReply answer = Fetch(program.port(), path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_EQ(json::parse(answer.body).at("valid"), false) << path;
  }
  EXPECT_EQ(Fetch(program.port(), "/metrics/proc/system?tenant=t1&project=p").status, 200);
  EXPECT_EQ(Fetch(program.port(), "/api/v1/recommendations?project=p").status, 200);
}

// The scrape configuration of docs/redis-mode.md: discovery from one process, targets spread over
// both by the hash of their names.
TEST(TargetsE2e, PrometheusShardsDiscoveredTargets) {
  RedisServer server;
  const Chatscale first = StartOn(server, TargetsJson(12));
  const Chatscale second = StartOn(server, TargetsJson(12));
  ASSERT_TRUE(first.listening() && second.listening());
  first.AwaitMetric("tenant=\"t11\"");
  const std::string a = "127.0.0.1:" + std::to_string(first.port());
  const std::string b = "127.0.0.1:" + std::to_string(second.port());
  const Prometheus prometheus(
      "- job_name: chatscale\n"
      "  http_sd_configs: [{url: 'http://" +
      a +
      "/sd', refresh_interval: 1s}]\n"
      "  relabel_configs:\n"
      "  - {source_labels: [__param_tenant, __param_project], modulus: 2, target_label: "
      "__tmp_shard,"
      " action: hashmod}\n"
      "  - {source_labels: [__tmp_shard], regex: '0', target_label: __address__, replacement: '" +
      a +
      "'}\n"
      "  - {source_labels: [__tmp_shard], regex: '1', target_label: __address__, replacement: '" +
      b +
      "'}\n"
      "  - {source_labels: [__param_tenant, __param_project], separator: /, target_label: "
      "instance}\n"
      "  - {source_labels: [__address__], target_label: shard}\n");
  EXPECT_EQ(prometheus.Query("chat_exporter_up", 12).size(), 12u);
  EXPECT_EQ(prometheus.Query("count%20by%20(shard)%20(up%20%3D%3D%201)", 2).size(), 2u);
}

TEST(TargetsE2e, ServiceDiscoveryRejectsMalformedHostHeader) {
  RedisServer server;
  const Chatscale program = StartOn(server, TargetsJson(1));
  ASSERT_TRUE(program.listening());
  program.AwaitMetric("tenant=\"t0\"");
  TcpClient client(program.port());
  client.Send("GET /sd HTTP/1.0\r\nHost: evil/\"><x\r\n\r\n");
  EXPECT_THAT(client.ReadAll(absl::Seconds(5)), HasSubstr("400 Bad Request"));
  const json groups = json::parse(Fetch(program.port(), "/sd").body);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].at("targets").at(0), "test");
  EXPECT_EQ(groups[0].at("labels").at("__param_tenant"), "t0");
}

}  // namespace
}  // namespace chatscale
