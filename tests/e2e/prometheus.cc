#include "tests/e2e/prometheus.h"

#include <csignal>

#include "absl/time/clock.h"
#include "tests/support/stub_server.h"
#include "tests/support/tcp_client.h"

namespace chatscale {

using nlohmann::json;

Prometheus::Prometheus(const std::string& scrape_configs) : port_(ClosedPort()) {
  const std::string config = folder_.Write(
      "prometheus.yml",
      "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n" + scrape_configs);
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{ProgramOf("prometheus", "prometheus"), "--config.file=" + config,
                               "--storage.tsdb.path=" + folder_.Path("data"),
                               "--web.listen-address=127.0.0.1:" + std::to_string(port_)});
}

Prometheus::~Prometheus() {
  process_->Signal(SIGTERM);
  process_->Wait(absl::Seconds(10));
}

json Prometheus::Query(const std::string& query, std::size_t least) const {
  json result = json::array();
  for (int i = 0; i < 300 && result.size() < least; ++i) {
    const HttpReply reply = Fetch(port_, "/api/v1/query?query=" + query);
    if (reply.status == 200) result = json::parse(reply.body).at("data").at("result");
    if (result.size() < least) absl::SleepFor(absl::Milliseconds(100));
  }
  return result;
}

std::string StaticTarget(int port) {
  return "- job_name: chatscale\n  static_configs: [{targets: ['127.0.0.1:" + std::to_string(port) +
         "']}]\n";
}

}  // namespace chatscale
