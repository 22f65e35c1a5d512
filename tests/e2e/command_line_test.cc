// Usage, faults of the configuration, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/program.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(CommandLineE2e, SaysItsVersionAndHelp) {
  const Ran version = RunChatscale({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, StartsWith("chatscale "));
  const Ran help = RunChatscale({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"serve", "snapshot", "check", "--collect.interval", "METRICS_MODE"}) {
    EXPECT_THAT(help.out, HasSubstr(word));
  }
}

TEST(CommandLineE2e, TellsEveryFaultAtOnceAndExitsWith2) {
  const Ran ran =
      RunChatscale({"serve", "--mode", "prxy"},
                   {{"METRICS_PORT", "tcp://10.0.0.1:80"}, {"METRICS_COLLECT_INTERVAL_SEC", "0"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--mode=\"prxy\": expected redis, proxy or demo\n"));
  EXPECT_THAT(ran.err, HasSubstr("METRICS_PORT=\"tcp://10.0.0.1:80\": expected a port"));
  EXPECT_THAT(ran.err, HasSubstr("enableServiceLinks"));
  EXPECT_THAT(ran.err, HasSubstr("METRICS_COLLECT_INTERVAL_SEC=\"0\": expected seconds"));
}

TEST(CommandLineE2e, RefusesUnknownFlags) {
  const Ran ran = RunChatscale({"--colect.interval", "3"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--colect.interval"));
}

TEST(CommandLineE2e, ChecksWithoutStarting) {
  EXPECT_EQ(RunChatscale({"check", "--mode", "demo"}).code, 0);
  EXPECT_EQ(RunChatscale({"check", "--mode", "proxy"}).code, 2);
}

TEST(CommandLineE2e, ATakenPortFailsWith1AndAClearLine) {
  Chatscale first = StartChatscale({{"METRICS_MODE", "demo"}});
  ASSERT_TRUE(first.listening());
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  const Ran second = RunChatscale({"--mode", "demo", "--web.listen-address", address});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr("cannot listen on " + address + ": Address already in use"));
}

TEST(CommandLineE2e, WarnsAboutUnknownVariablesAndOpenAddresses) {
  ChildProcess process({CHATSCALE_BINARY, "--web.listen-address", "0.0.0.0:0"},
                       {{"METRICS_MODE", "demo"},
                        {"METRICS_COLECT_INTERVAL_SEC", "3"},
                        {"METRICS_SERVICE_HOST", "10.0.0.1"},
                        {"METRICS_LOG_FORMAT", "json"}});
  ASSERT_TRUE(process.WaitFor("listening on every interface without authentication"));
  EXPECT_THAT(process.Err(), HasSubstr("\"variable\":\"METRICS_COLECT_INTERVAL_SEC\""));
  EXPECT_THAT(process.Err(), Not(HasSubstr("METRICS_SERVICE_HOST")));
  EXPECT_THAT(process.Err(), HasSubstr("every figure is simulated"));
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0);
}

TEST(CommandLineE2e, ASnapshotOfNothingExitsWith2) {
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
