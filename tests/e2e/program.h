// The built program, run as its users run it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/model/target.h"
#include "tests/support/child_process.h"
#include "tests/support/tcp_client.h"
#include "tests/support/temp_folder.h"

namespace chatscale {

using Variables = std::vector<std::pair<std::string, std::string>>;

// `chatscale ARGS` to its end.
Ran RunChatscale(std::vector<std::string> args, Variables environment = {});

// A serving chatscale.
class Chatscale {
 public:
  bool listening() const { return port_ > 0; }
  int port() const { return port_; }
  ChildProcess& process() { return *process_; }
  // With the token of METRICS_WEB_BEARER_TOKEN_FILE, where it was started with one.
  HttpReply Ask(const std::string& target, const std::string& method = "GET") const {
    return Fetch(port_, target, authorization_, method);
  }
  std::string Metrics() const { return Ask("/metrics").body; }
  // Waits until the exposition contains `text`; what it was at the end.
  std::string AwaitMetric(const std::string& text,
                          absl::Duration timeout = absl::Seconds(20)) const;

 private:
  friend Chatscale StartChatscale(Variables environment, std::vector<std::string> args,
                                  const std::vector<std::string>& through);

  std::unique_ptr<ChildProcess> process_;
  int port_ = 0;
  std::string authorization_;  // a header
};

// Starts one on a free loopback port. `through`: a program, with arguments, that becomes it.
Chatscale StartChatscale(Variables environment, std::vector<std::string> args = {},
                         const std::vector<std::string>& through = {});

// A state file of a moment ago, so that nobody has to wait for a whole view of the fleet; its path.
std::string WriteFreshState(const TempFolder& folder, const Target& target, int ingress, int proc);

// The value of the series `name{labels}` in an exposition, as text; "" when absent.
std::string ValueOf(const std::string& exposition, const std::string& series);

}  // namespace chatscale
