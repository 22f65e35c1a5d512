// Redis mode of the program: every recorded state, as of its instant; and a serving one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/time/clock.h"
#include "fuzz/text_parser.h"
#include "tests/e2e/program.h"
#include "tests/support/busy_workers.h"
#include "tests/support/fixtures.h"
#include "tests/support/redis_server.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RedisE2e, SnapshotAtRecordedTimeMatchesRecordedKeys) {
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

TEST(RedisE2e, DiscoveredTargetsAreLabeled) {
  RedisServer server;
  server.Run({"SET", "acme:assist:kdcube:heartbeat:process:i:chat:proc:1",
              R"({"instance_id": "i", "service_type": "chat", "service_name": "proc"})"});
  server.Run({"LPUSH", "acme:assist:kdcube:chat:prompt:queue:paid", "x"});
  const Chatscale program = StartChatscale(
      {{"METRICS_MODE", "redis"}, {"REDIS_URL", server.TcpUrl()}, {"METRICS_TARGETS", "discover"}});
  ASSERT_TRUE(program.listening());
  const std::string series = "chat_proc_queue_total{tenant=\"acme\",project=\"assist\"} 1\n";
  EXPECT_THAT(program.AwaitMetric(series), HasSubstr(series));
}

// Times as long under the thread sanitizer.
#ifdef __SANITIZE_THREAD__
constexpr int kSlower = 6;
#else
constexpr int kSlower = 1;
#endif

// Whoever may write into Redis chooses names, sizes and numbers of keys.
TEST(RedisE2e, HostileTenantDoesNotAffectOthers) {
  RedisServer server({"--enable-debug-command", "yes"});
  const std::vector<std::string> names = {"<script>alert(1)</script>",
                                          "a\"b\\c\nd",
                                          "\xff\xfe\x80",
                                          std::string(10'000, 'n'),
                                          "{}",
                                          "..%2f",
                                          "acme\r\nX: y",
                                          "*",
                                          "[a-z]*",
                                          std::string("z\0z", 3)};
  for (const std::string& name : names) {
    server.Run(
        {"SET", name + ":p:kdcube:heartbeat:process:i:chat:proc:1", std::string(3 << 20, '{')});
    server.Run({"SET", name + ":p:kdcube:chat:sse:connections:i:1",
                R"({"count": 1e308, "max": -1, "ts": "soon"})"});
    server.Run({"SET", name + ":p:kdcube:config:gateway:current", std::string(1'000, '[')});
    server.Run({"SET", name + ":p:kdcube:chat:prompt:queue:paid", "of another type"});
  }
  for (int i = 0; i < 500; ++i) {
    server.Run(
        {"SET", "t" + std::to_string(i) + ":p:kdcube:heartbeat:process:i:chat:proc:1", "{}"});
  }
  const BusyWorkers good(server);
  const Chatscale program =
      StartChatscale({{"METRICS_MODE", "redis"},
                      {"REDIS_URL", server.TcpUrl()},
                      {"METRICS_TARGETS", "discover"},
                      {"METRICS_COLLECT_INTERVAL_SEC", std::to_string(kSlower)},
                      {"METRICS_REQUEST_TIMEOUT_SEC", std::to_string(0.9 * kSlower)},
                      // Else it keeps what was freed, to find who still uses it.
                      {"ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"}});
  ASSERT_TRUE(program.listening());
  const std::string mine = "chat_ingress_sse_connections{tenant=\"acme\",project=\"assist\"}";
  ASSERT_EQ(ValueOf(program.AwaitMetric(mine + " 120"), mine), "120");
  const auto resident = [&] {
    return std::stod(ValueOf(program.Metrics(), "process_resident_memory_bytes")) / (1 << 20);
  };
  const double before = resident();

  server.Run({"DEBUG", "POPULATE", "1000000", "junk:heartbeat", "8"});

  absl::Duration slowest;
  for (int i = 0; i < 50; ++i) {
    const HttpReply scrape = Fetch(program.port(), "/metrics");
    ASSERT_EQ(scrape.status, 200);
    slowest = std::max(slowest, scrape.took);
    absl::SleepFor(absl::Milliseconds(100));
  }
  EXPECT_LT(slowest, absl::Seconds(kSlower));
  const std::string text = program.Metrics();
  EXPECT_EQ(fuzz::ParseText(text).fault, "");
  EXPECT_EQ(ValueOf(text, mine), "120") << "the good one is read as before";
  const std::string page = Fetch(program.port(), "/?q=script").body;
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  const double grown = resident() - before;
  EXPECT_LT(grown, 200);
  std::cout << "a hostile tenant: slowest scrape " << slowest << ", memory grew by " << grown
            << " MiB\n";
}

TEST(RedisE2e, RejectsInvalidRedisUrlWithoutLeakingPassword) {
  const Ran ran = RunChatscale({"snapshot"}, {{"REDIS_URL", "http://me:s3cret@cache"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("REDIS_URL"));
  EXPECT_THAT(ran.err, Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace chatscale
