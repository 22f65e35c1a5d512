// A recorded scenario: the state of Redis, the instant, and what the upstream made of it.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/time.h"
#include "exporter/model/error_kind.h"
#include "exporter/redis/redis_source.h"
#include "tests/support/redis_server.h"

namespace chatscale {

std::string ReadScenarioFile(const std::string& scenario, const std::string& file);

struct RedisScenario {
  explicit RedisScenario(const std::string& scenario);

  std::string name;
  absl::Time now;
  std::string resp;
  RedisSourceOptions options;  // as its env.json says, without a URL
};

// One cycle of a fresh source against `server`, which holds the scenario's state.
std::unique_ptr<RedisSource> NewSource(const RedisScenario& scenario, const RedisServer& server);

}  // namespace chatscale
