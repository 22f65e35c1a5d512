#include "tests/support/pushgateway.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/support/free_port.h"
#include "tests/support/tcp_client.h"

namespace chatscale {
namespace {

std::vector<std::string> Command(int port, const TempFolder& folder,
                                 const std::string& web_config) {
  std::vector<std::string> command = {ProgramOf("prometheus-pushgateway", "prometheus-pushgateway"),
                                      "--web.listen-address=127.0.0.1:" + std::to_string(port),
                                      "--persistence.file="};
  if (!web_config.empty()) {
    command.push_back("--web.config.file=" + folder.Write("web.yml", web_config));
  }
  return command;
}

}  // namespace

Pushgateway::Pushgateway(const std::string& web_config)
    : port_(FreePort()), process_(Command(port_, folder_, web_config)) {
  // Said once it listens: "TLS is disabled.", or enabled.
  EXPECT_TRUE(process_.WaitFor("TLS is ")) << process_.Err();
}

std::string Pushgateway::Metrics() const { return Fetch(port_, "/metrics").body; }

nlohmann::json Pushgateway::Groups() const {
  return nlohmann::json::parse(Fetch(port_, "/api/v1/metrics").body).at("data");
}

nlohmann::json Pushgateway::AwaitGroups(std::size_t count) const {
  const absl::Time until = absl::Now() + absl::Seconds(5);
  nlohmann::json groups = Groups();
  while (groups.size() != count && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(10));
    groups = Groups();
  }
  return groups;
}

}  // namespace chatscale
