// Redis mode of the program: every recorded state, as of its instant; and a serving one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/e2e/program.h"
#include "tests/support/fixtures.h"
#include "tests/support/redis_server.h"

namespace chatscale {
namespace {

using testing::HasSubstr;

TEST(RedisE2e, ASnapshotAsOfTheRecordedInstantGivesTheRecordedKeys) {
  for (const std::string scenario : {"steady", "throttled", "idle"}) {
    SCOPED_TRACE(scenario);
    RedisServer server;
    server.Load(ReadScenario(scenario + "/redis.resp"));
    const auto env = nlohmann::json::parse(ReadScenario(scenario + "/env.json"));
    const std::string now = ReadScenario(scenario + "/now");
    const Ran ran = RunChatscale(
        {"snapshot", "--at", now.substr(0, now.find_last_not_of(" \n") + 1), "--format", "keys"},
        {{"REDIS_URL", server.UnixUrl()},
         {"GATEWAY_CONFIG_JSON", env["GATEWAY_CONFIG_JSON"].dump()},
         {"INSTANCE_ID", env["INSTANCE_ID"]}});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const auto recorded = nlohmann::json::parse(ReadScenario(scenario + "/extract.json"));
    std::istringstream lines(ran.out);
    int compared = 0;
    std::string key;
    double value = 0;
    while (lines >> key >> value) {
      if (key.ends_with(".1m") || !recorded.contains(key)) continue;  // D4, D7
      EXPECT_NEAR(value, recorded[key].get<double>(), 1e-9 * value) << key;
      ++compared;
    }
    EXPECT_GT(compared, 12);
  }
}

TEST(RedisE2e, AServingProgramNamesTheTargetsItFinds) {
  RedisServer server;
  server.Run({"SET", "acme:assist:kdcube:heartbeat:process:i:chat:proc:1", "{}"});
  server.Run({"LPUSH", "acme:assist:kdcube:chat:prompt:queue:paid", "x"});
  const Chatscale program = StartChatscale(
      {{"METRICS_MODE", "redis"}, {"REDIS_URL", server.TcpUrl()}, {"METRICS_TARGETS", "discover"}});
  ASSERT_TRUE(program.listening());
  const std::string series = "chat_proc_queue_total{tenant=\"acme\",project=\"assist\"} 1\n";
  EXPECT_THAT(program.AwaitMetric(series), HasSubstr(series));
}

TEST(RedisE2e, AnAddressThatCannotWorkIsAFaultOfTheConfiguration) {
  const Ran ran = RunChatscale({"snapshot"}, {{"REDIS_URL", "http://me:s3cret@cache"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("REDIS_URL"));
  EXPECT_THAT(ran.err, testing::Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace chatscale
