// A real Prometheus and its linter read us.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/stub_server.h"

namespace chatscale {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A running Prometheus that scrapes `target_port` every second.
class Prometheus {
 public:
  explicit Prometheus(int target_port) : port_(ClosedPort()) {
    const std::string config = folder_.Write("prometheus.yml",
                                             "global: {scrape_interval: 1s, scrape_timeout: "
                                             "1s}\nscrape_configs:\n- job_name: chatscale\n"
                                             "  static_configs: [{targets: ['127.0.0.1:" +
                                                 std::to_string(target_port) + "']}]\n");
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{ProgramOf("prometheus", "prometheus"), "--config.file=" + config,
                                 "--storage.tsdb.path=" + folder_.Path("data"),
                                 "--web.listen-address=127.0.0.1:" + std::to_string(port_)});
  }

  ~Prometheus() {
    process_->Signal(SIGTERM);
    process_->Wait(absl::Seconds(10));
  }

  // The result vector of an instant query, once it is not empty.
  json Query(const std::string& query) {
    json result = json::array();
    for (int i = 0; i < 300 && result.empty(); ++i) {
      const HttpReply reply = Fetch(port_, "/api/v1/query?query=" + query);
      if (reply.status == 200) result = json::parse(reply.body).at("data").at("result");
      if (result.empty()) absl::SleepFor(absl::Milliseconds(100));
    }
    return result;
  }

 private:
  const int port_;
  TempFolder folder_;
  std::unique_ptr<ChildProcess> process_;
};

TEST(PrometheusE2e, ScrapesAndAnswersOurSeries) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_DEMO_SPEED", "600"}});
  ASSERT_TRUE(demo.listening());
  demo.AwaitMetric("\nchat_proc_queue_total{");
  Prometheus prometheus(demo.port());
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

TEST(PrometheusE2e, TheLinterFindsOnlyTheDocumentedName) {
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
