#include "tests/exporter/redis/redis_scenario.h"

#include <gtest/gtest.h>

#include "tests/support/fixtures.h"

namespace chatscale {

std::string ReadScenarioFile(const std::string& scenario, const std::string& file) {
  return ReadScenario(scenario + "/" + file);
}

RedisScenario::RedisScenario(const std::string& scenario)
    : name(scenario), resp(ReadScenarioFile(scenario, "redis.resp")) {
  now = absl::UnixEpoch() + absl::Seconds(std::stod(ReadScenarioFile(scenario, "now")));
  const auto env = nlohmann::json::parse(ReadScenarioFile(scenario, "env.json"));
  options.environment_target = {env["TENANT_ID"], env["PROJECT_ID"]};
  options.reader.instance_id = env["INSTANCE_ID"];
  options.gateway_config_json = env["GATEWAY_CONFIG_JSON"].dump();
}

std::unique_ptr<RedisSource> NewSource(const RedisScenario& scenario, const RedisServer& server) {
  RedisSourceOptions options = scenario.options;
  options.url = server.UnixUrl();
  auto source = RedisSource::Create(std::move(options));
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

}  // namespace chatscale
