#include "tests/e2e/program.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/time/clock.h"
#include "exporter/recommendations/state_file.h"

namespace chatscale {

Ran RunChatscale(std::vector<std::string> args, Variables environment) {
  args.insert(args.begin(), CHATSCALE_BINARY);
  return RunProgram(std::move(args), std::move(environment));
}

Chatscale StartChatscale(Variables environment, std::vector<std::string> args,
                         const std::vector<std::string>& through) {
  args.insert(args.begin(), {CHATSCALE_BINARY, "serve", "--web.listen-address", "127.0.0.1:0"});
  args.insert(args.begin(), through.begin(), through.end());
  Chatscale started;
  for (const auto& [name, value] : environment) {
    if (name != "METRICS_WEB_BEARER_TOKEN_FILE") continue;
    started.authorization_ = "Authorization: Bearer " + ReadFile(value) + "\r\n";
  }
  started.process_ = std::make_unique<ChildProcess>(std::move(args), std::move(environment));
  const std::string mark = "://127.0.0.1:";
  if (!started.process_->WaitFor(mark)) return started;
  const std::string log = started.process_->Err();
  started.port_ = std::atoi(log.c_str() + log.find(mark) + mark.size());
  return started;
}

std::string Chatscale::AwaitMetric(const std::string& text, absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    const std::string metrics = Metrics();
    if (metrics.find(text) != metrics.npos || absl::Now() > deadline) return metrics;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

std::string WriteFreshState(const TempFolder& folder, const Target& target, int ingress, int proc) {
  recommender::State state;
  state.at = absl::Now();
  const auto start = [&](recommender::ServiceState& service, int replicas) {
    service.desired = service.ordered = replicas;
    service.last_sample = state.at;
  };
  start(state.ingress, ingress);
  start(state.proc, proc);
  std::string path = folder.Path("fresh-state.json");
  EXPECT_TRUE(SaveStates(path, {{target, state}}).ok());
  return path;
}

std::string ValueOf(const std::string& exposition, const std::string& series) {
  const auto at = exposition.find("\n" + series + " ");
  if (at == exposition.npos) return "";
  const auto value = at + series.size() + 2;
  return exposition.substr(value, exposition.find('\n', value) - value);
}

}  // namespace chatscale
