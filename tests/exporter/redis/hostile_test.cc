// Any one key broken: everything else is read, and what cannot be read is counted.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/exporter/redis/redis_scenario.h"

namespace chatscale {
namespace {

using Json = nlohmann::json;

std::string ArgumentOf(const Json& argument) {
  if (argument.is_string()) return argument.get<std::string>();
  if (argument.is_number()) return argument.dump();
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : argument.at("base64").get<std::string>()) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) out.push_back(static_cast<char>(bits >> (count -= 8) & 0xFF));
  }
  return out;
}

void RunAll(RedisServer& server, const Json& commands) {
  for (const Json& command : commands) {
    std::vector<std::string> arguments;
    for (const Json& argument : command) arguments.push_back(ArgumentOf(argument));
    server.Run(arguments);
  }
}

TEST(RedisHostileTest, NoMalformedKeyFailsTheSnapshot) {
  const Json poison = Json::parse(ReadScenarioFile("hostile", "poison.json"));
  RedisScenario scenario("hostile");
  const absl::Time now = absl::UnixEpoch() + absl::Seconds(poison["now"].get<double>());
  RedisServer server;
  ASSERT_GT(poison["cases"].size(), 100u);
  for (const Json& one : poison["cases"]) {
    const std::string name = one["name"];
    SCOPED_TRACE(name);
    server.Run({"FLUSHALL"});
    RunAll(server, poison["base_commands"]);
    RunAll(server, one["commands"]);
    auto source = NewSource(scenario, server);
    const auto samples = source->Collect(now, absl::Seconds(5));
    const auto& snapshot = samples[0].parts[0].snapshot;
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    const Json document = Json::parse(samples[0].parts[0].document(), nullptr, false);
    EXPECT_FALSE(document.is_discarded());
    // Never a number that cannot be.
    for (const MaybeNumber& value :
         {snapshot->queue.total, snapshot->queue.capacity.corrected_pressure,
          snapshot->fleet.proc.load, snapshot->sse.connections, snapshot->sse.limit,
          snapshot->queue.capacity.corrected}) {
      EXPECT_TRUE(!value || (std::isfinite(*value) && *value >= 0 && *value < 1e9)) << *value;
    }
    // The sound process of the base state is still there.
    EXPECT_GE(*snapshot->fleet.proc.processes, 1);
    // Where the upstream gave up, something was wrong, and we say so.
    if (one.value("system_http", 0) == 500) {
      EXPECT_GT(snapshot->malformed.Total(), 0);
    }
  }
}

}  // namespace
}  // namespace chatscale
