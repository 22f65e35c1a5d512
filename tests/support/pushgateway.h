// A real Pushgateway on a free loopback port.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/child_process.h"

namespace chatscale {

class Pushgateway {
 public:
  // `web_config`: of --web.config.file, for TLS and users; empty: neither.
  explicit Pushgateway(const std::string& web_config = "");

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string Log() const { return process_.Err(); }
  // What a scrape of it gives.
  std::string Metrics() const;
  // The groups: GET /api/v1/metrics, "data".
  nlohmann::json Groups() const;
  // The same, once there are so many or 5 s have passed: DELETE answers before it is done.
  nlohmann::json AwaitGroups(std::size_t count) const;

 private:
  const int port_;
  TempFolder folder_;
  ChildProcess process_;
};

}  // namespace chatscale
