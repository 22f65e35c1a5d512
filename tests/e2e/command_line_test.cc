// Usage, faults of the configuration, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/program.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(CommandLineE2e, PrintsVersionAndHelp) {
  const Ran version = RunChatscale({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, StartsWith("chatscale "));
  const Ran help = RunChatscale({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"serve", "snapshot", "check", "--collect.interval", "METRICS_MODE"}) {
    EXPECT_THAT(help.out, HasSubstr(word));
  }
}

TEST(CommandLineE2e, ReportsAllConfigErrorsAndExitsWith2) {
  const Ran ran =
      RunChatscale({"serve", "--mode", "prxy"},
                   {{"METRICS_PORT", "tcp://10.0.0.1:80"}, {"METRICS_COLLECT_INTERVAL_SEC", "0"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--mode=\"prxy\": expected redis, proxy or demo\n"));
  EXPECT_THAT(ran.err, HasSubstr("METRICS_PORT=\"tcp://10.0.0.1:80\": expected a port"));
  EXPECT_THAT(ran.err, HasSubstr("enableServiceLinks"));
  EXPECT_THAT(ran.err, HasSubstr("METRICS_COLLECT_INTERVAL_SEC=\"0\": expected seconds"));
}

TEST(CommandLineE2e, HealthcheckRejectsPortZero) {
  const Ran ran = RunChatscale({"healthcheck"}, {{"METRICS_PORT", "0"}});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("METRICS_PORT=0"));
}

TEST(CommandLineE2e, RejectsUnknownFlags) {
  const Ran ran = RunChatscale({"--colect.interval", "3"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--colect.interval"));
}

TEST(CommandLineE2e, ReportsUnknownFlagsWithOtherErrorsButNotTheirValues) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--redis.url=redis://:s3cret@h", "--mode", "x"},
        {"--redis.url", "redis://:s3cret@h", "--mode", "x"},
        {"serve", "--redis.url", "redis://:s3cret@h", "--mode", "x"}}) {
    const Ran ran = RunChatscale(args);
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr("unknown flag --redis.url"));
    EXPECT_THAT(ran.err, HasSubstr("--mode=\"x\": expected redis"));
    EXPECT_THAT(ran.err, Not(HasSubstr("s3cret")));
  }
}

TEST(CommandLineE2e, CommandHelpListsSharedFlags) {
  for (const char* command : {"serve", "snapshot", "check", "replay"}) {
    const Ran ran = RunChatscale({command, "--help"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.out, HasSubstr("--collect.interval")) << command;
  }
}

TEST(CommandLineE2e, ChecksWithoutStarting) {
  EXPECT_EQ(RunChatscale({"check", "--mode", "demo"}).code, 0);
  EXPECT_EQ(RunChatscale({"check", "--mode", "proxy"}).code, 2);
}

TEST(CommandLineE2e, CheckAndServeRejectTheSameConfig) {
  const TempFolder folder;
  const std::string broken = folder.Write("broken.yaml", "gateway: [");
  const Variables cases[] = {
      {{"REDIS_URL", "http://x"}},
      {{"REDIS_URL", "foo"}},
      {{"GATEWAY_CONFIG_JSON", "nope"}},
      {{"GATEWAY_YAML_PATH", broken}},
      {{"GATEWAY_YAML_PATH", folder.Path("")}},
      {{"REDIS_PASSWORD_FILE", folder.Path("missing")}},
      {{"REDIS_PASSWORD_FILE", folder.Path("")}},
      {{"METRICS_POLICY_FILE", folder.Path("")}},
      {{"METRICS_TARGETS_FILE", folder.Path("missing")}},
      {{"METRICS_ENABLE_PG_POOL", "1"}, {"POSTGRES_PASSWORD_FILE", folder.Path("missing")}},
  };
  for (const Variables& environment : cases) {
    for (const char* command : {"check", "serve"}) {
      const Ran ran = RunChatscale({command, "--web.listen-address", "127.0.0.1:0"}, environment);
      EXPECT_EQ(ran.code, 2) << command << " " << environment[0].first << "="
                             << environment[0].second << ": " << ran.err;
      EXPECT_NE(ran.err, "");
    }
  }
}

TEST(CommandLineE2e, CheckWarnsAboutUnknownVariablesAndShowsOverrides) {
  const TempFolder folder;
  const std::string policy = folder.Write(
      "p.yaml", "overrides: [{tenant: acme, project: shop, proc: {min_replicas: 7}}]\n");
  const Ran ran = RunChatscale({"check", "--mode", "demo", "--policy.file", policy},
                               {{"METRICS_COLECT_INTERVAL_SEC", "3"}});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("METRICS_COLECT_INTERVAL_SEC: unknown setting ignored"));
  EXPECT_THAT(ran.out, HasSubstr("# for tenant acme, project shop:\n"));
  EXPECT_THAT(ran.out, HasSubstr("min_replicas: 7"));
}

TEST(CommandLineE2e, UrlQueriesAreRedactedInErrors) {
  const Ran ran = RunChatscale({"check", "--mode", "proxy"},
                               {{"METRICS_PROC_BASE_URL", "http://h/?token=s3cret"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("METRICS_PROC_BASE_URL=\"http://h/?***\""));
}

TEST(CommandLineE2e, SnapshotFailsWhenStdoutIsFull) {
  EXPECT_EQ(
      RunProgram(
          {"/bin/sh", "-c", std::string(CHATSCALE_BINARY) + " snapshot --mode demo >/dev/full"}, {})
          .code,
      1);
  EXPECT_EQ(RunChatscale({"snapshot", "--at", "nan"}).code, 2);
}

TEST(CommandLineE2e, TargetsMayComeFromAFile) {
  const TempFolder folder;
  std::string json = "[";
  for (int i = 0; i < 5000; ++i) {
    json += (i == 0 ? "" : ",") + std::string(R"({"tenant":"tenant-with-a-long-name-)") +
            std::to_string(i) + R"(","project":"p"})";
  }
  const std::string file = folder.Write("targets.json", json + "]");
  EXPECT_EQ(RunChatscale({"check"}, {{"METRICS_TARGETS_FILE", file}}).code, 0);
}

TEST(CommandLineE2e, PortInUseExitsWith1) {
  Chatscale first = StartChatscale({{"METRICS_MODE", "demo"}});
  ASSERT_TRUE(first.listening());
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  const Ran second = RunChatscale({"--mode", "demo", "--web.listen-address", address});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr("cannot listen on " + address + ": Address already in use"));
}

TEST(CommandLineE2e, WarnsOfUnknownVariablesAndUnauthenticatedListening) {
  ChildProcess process({CHATSCALE_BINARY, "--web.listen-address", "0.0.0.0:0"},
                       {{"METRICS_MODE", "demo"},
                        {"METRICS_COLECT_INTERVAL_SEC", "3"},
                        {"METRICS_SERVICE_HOST", "10.0.0.1"},
                        {"METRICS_LOG_FORMAT", "json"}});
  ASSERT_TRUE(process.WaitFor("listening on every interface without authentication"));
  EXPECT_THAT(process.Err(), HasSubstr("\"variable\":\"METRICS_COLECT_INTERVAL_SEC\""));
  EXPECT_THAT(process.Err(), Not(HasSubstr("METRICS_SERVICE_HOST")));
  EXPECT_THAT(process.Err(), HasSubstr("all data are simulated"));
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0);
}

TEST(CommandLineE2e, SnapshotWithoutDataExitsWith2) {
  const Ran ran = RunChatscale({"snapshot", "--mode", "proxy"},
                               {{"METRICS_PROC_BASE_URL", "http://127.0.0.1:1"},
                                {"METRICS_AUTH_HEADER_NAME", "X-Token"},
                                {"METRICS_AUTH_HEADER_VALUE", "canary-secret"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("chatscale: proc: "));
  EXPECT_THAT(ran.err, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace chatscale
