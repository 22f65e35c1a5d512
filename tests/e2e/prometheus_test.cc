// A real Prometheus and its linter read us.
#include "tests/e2e/prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

namespace chatscale {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(PrometheusE2e, ScrapedSeriesCanBeQueried) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_DEMO_SPEED", "600"}});
  ASSERT_TRUE(demo.listening());
  demo.AwaitMetric("\nchat_proc_queue_total{");
  Prometheus prometheus(StaticTarget(demo.port()));
  EXPECT_EQ(prometheus.Query("up%7Bjob%3D%22chatscale%22%7D%20%3D%3D%201").size(), 1u);
  for (const char* name :
       {"chat_ingress_sse_connections", "chat_ingress_sse_saturation", "chat_proc_queue_total",
        "chat_proc_queue_pressure", "chat_ingress_rest_latency_p95"}) {
    const json result = prometheus.Query(name);
    ASSERT_EQ(result.size(), 1u) << name;
    EXPECT_GE(std::stod(result[0].at("value").at(1).get<std::string>()), 0) << name;
    EXPECT_EQ(result[0].at("metric").at("job"), "chatscale");
  }
  EXPECT_EQ(prometheus.Query("scrape_samples_scraped%20%3E%20100").size(), 1u);
}

TEST(PrometheusE2e, PromtoolReportsOnlyTheDocumentedName) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}});
  ASSERT_TRUE(demo.listening());
  TempFolder folder;
  const std::string file = folder.Write("metrics", demo.AwaitMetric("\nchat_proc_queue_total{"));
  const Ran lint =
      RunProgram({"sh", "-c", ProgramOf("promtool", "prometheus") + " check metrics <" + file});
  EXPECT_EQ(lint.out + lint.err,
            "chat_proc_queue_total non-counter metrics should not have \"_total\" suffix\n");
}

}  // namespace
}  // namespace chatscale
