// What a newcomer sees: the embedded demo.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "exporter/metrics/catalogue.h"
#include "tests/e2e/program.h"

namespace chatscale {
namespace {

using testing::HasSubstr;

TEST(DemoE2e, AllContractMetricsAppearWithinSeconds) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  demo.AwaitMetric("\nchat_proc_exec_p95{");
  const std::string metrics = demo.AwaitMetric("\nchat_recommender_desired_replicas{");
  for (const MetricRow& row : Catalogue()) {
    if (!row.contract) continue;
    EXPECT_THAT(metrics, HasSubstr("\n" + PrometheusName(row.name) + "{")) << row.name;
  }
  EXPECT_THAT(metrics, HasSubstr("chat_exporter_mode_info{mode=\"demo\"} 1\n"));
  EXPECT_THAT(Fetch(demo.port(), "/").body, HasSubstr("every figure here is simulated"));
}

TEST(DemoE2e, MetricValuesChangeOverTime) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_PROM_SCRAPE_TTL_SEC", "0"}});
  ASSERT_TRUE(demo.listening());
  demo.AwaitMetric("\nchat_ingress_sse_connections{");
  std::set<std::string> bodies;
  for (int i = 0; i < 40 && bodies.size() < 3; ++i) {
    const std::string text = demo.Metrics();
    const auto at = text.find("\nchat_ingress_sse_connections{");
    bodies.insert(text.substr(at, text.find('\n', at + 1) - at));
    absl::SleepFor(absl::Milliseconds(100));
  }
  EXPECT_GE(bodies.size(), 3u);
}

TEST(DemoE2e, ServesAggregatorEndpoints) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}});
  ASSERT_TRUE(demo.listening());
  demo.AwaitMetric("\nchat_recommender_desired_replicas{");
  for (const char* path : {"/metrics/ingress/system", "/metrics/proc/system"}) {
    const auto document = nlohmann::json::parse(Fetch(demo.port(), path).body);
    EXPECT_TRUE(document.at("demo").get<bool>());
    EXPECT_TRUE(document.contains("components"));
  }
  const auto combined = nlohmann::json::parse(Fetch(demo.port(), "/metrics/combined").body);
  EXPECT_EQ(combined.at("mode"), "demo");
  EXPECT_TRUE(combined.at("system").contains("queue_stats"));
  EXPECT_EQ(Fetch(demo.port(), "/-/ready").status, 200);
  EXPECT_EQ(Fetch(demo.port(), "/-/healthy").status, 200);
  EXPECT_EQ(nlohmann::json::parse(Fetch(demo.port(), "/health").body).at("status"), "ok");
}

TEST(DemoE2e, SnapshotPrintsSortedKeysAndTheDocument) {
  const Ran keys = RunChatscale({"snapshot", "--mode", "demo", "--format", "keys"});
  EXPECT_EQ(keys.code, 0) << keys.err;
  EXPECT_THAT(keys.out, HasSubstr("proc.queue.total "));
  std::stringstream lines(keys.out);
  std::string previous, line;
  while (std::getline(lines, line)) {
    EXPECT_LT(previous, line);
    previous = line;
  }
  const Ran document = RunChatscale({"snapshot", "--mode", "demo", "--format", "system"});
  EXPECT_TRUE(nlohmann::json::parse(document.out).contains("queue_stats"));
  const Ran text = RunChatscale({"snapshot", "--mode", "demo", "--format", "prometheus"});
  EXPECT_THAT(text.out, HasSubstr("# TYPE chat_proc_queue_total gauge\n"));
}

TEST(DemoE2e, ScrapeUsesConfiguredMetricNames) {
  const Chatscale demo =
      StartChatscale({{"METRICS_MODE", "demo"},
                      {"METRICS_NAMING", "kdcube"},
                      {"METRICS_MAPPING_JSON", R"({"proc.queue.total": "Processor/Tasks"})"}});
  ASSERT_TRUE(demo.listening());
  const std::string metrics = demo.AwaitMetric("\nchat_recommender_desired_replicas{");
  EXPECT_THAT(metrics, HasSubstr("\nkdcube_Processor_Tasks{"));
  EXPECT_THAT(metrics, HasSubstr("\nkdcube_proc_queue_wait_p95_ms{"));
  EXPECT_THAT(metrics, HasSubstr("\nchat_recommender_desired_replicas{"));
  for (const char* replaced : {"\nchat_proc_queue_total{", "\nkdcube_proc_queue_total{"}) {
    EXPECT_THAT(metrics, testing::Not(HasSubstr(replaced)));
  }
}

}  // namespace
}  // namespace chatscale
