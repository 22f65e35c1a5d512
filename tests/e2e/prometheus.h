// A real Prometheus that scrapes every second.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/child_process.h"

namespace chatscale {

class Prometheus {
 public:
  // `scrape_configs`: that section's list, indented by nothing.
  explicit Prometheus(const std::string& scrape_configs);
  ~Prometheus();

  // The result vector of an instant query (URL-encoded), once it has at least `least` elements.
  nlohmann::json Query(const std::string& query, std::size_t least = 1) const;

 private:
  const int port_;
  TempFolder folder_;
  std::unique_ptr<ChildProcess> process_;
};

// The scrape_configs of one chatscale on loopback, job "chatscale".
std::string StaticTarget(int port);

}  // namespace chatscale
