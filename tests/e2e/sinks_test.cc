// Sinks of a serving program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/e2e/program.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using testing::HasSubstr;

TEST(SinksE2e, ATextfileIsWrittenEachRoundAndRemovedInTheEnd) {
  TempFolder folder;
  const std::string path = folder.Path("chatscale.prom");
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_TEXTFILE_PATH", path}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string metrics = demo.AwaitMetric("chat_exporter_sink_up{sink=\"textfile\"} 1\n");
  EXPECT_THAT(metrics, HasSubstr("chat_exporter_sink_deliveries_total{sink=\"textfile\","
                                 "result=\"failed\"} 0\n"));
  EXPECT_THAT(ReadFile(path), HasSubstr("\nchat_recommender_desired_replicas{"));
  demo.process().Signal(SIGTERM);
  EXPECT_EQ(demo.process().Wait(absl::Seconds(10)), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SinksE2e, OneThatFailsIsSeenAndStopsNothing) {
  TempFolder folder;
  Chatscale demo = StartChatscale(
      {{"METRICS_MODE", "demo"}, {"METRICS_TEXTFILE_PATH", folder.Path("gone/chatscale.prom")}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string metrics = demo.AwaitMetric("chat_exporter_sink_up{sink=\"textfile\"} 0\n");
  EXPECT_THAT(metrics, HasSubstr("\nchat_recommender_desired_replicas{"));
  EXPECT_THAT(demo.process().Err(), HasSubstr("sink fails"));
}

TEST(SinksE2e, APathThatTheNodeExporterIgnoresIsRefused) {
  const Ran ran = RunChatscale({"check", "--mode", "demo"}, {{"METRICS_TEXTFILE_PATH", "/tmp/x"}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("METRICS_TEXTFILE_PATH"));
  EXPECT_THAT(ran.err, HasSubstr("a path that ends in .prom"));
}

TEST(SinksE2e, ExportsOnceAndSaysHowThatWent) {
  TempFolder folder;
  const std::string path = folder.Path("chatscale.prom");
  const Variables demo = {{"METRICS_MODE", "demo"}, {"METRICS_RUN_ONCE", "1"}};
  const auto run = [](Variables variables, const char* name, const std::string& value) {
    variables.emplace_back(name, value);
    return RunChatscale({}, variables);
  };
  EXPECT_EQ(run(demo, "METRICS_TEXTFILE_PATH", path).code, 0);
  const std::string text = ReadFile(path);  // which is left
  EXPECT_THAT(text, HasSubstr("\nchat_proc_queue_total{"));
  EXPECT_THAT(text, HasSubstr("\nchat_recommender_desired_replicas{"));
  const Ran failed = run(demo, "METRICS_TEXTFILE_PATH", folder.Path("gone/chatscale.prom"));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("sink fails"));
  const Ran nothing = run({{"METRICS_RUN_ONCE", "1"},
                           {"REDIS_URL", "redis://127.0.0.1:1"},
                           {"TENANT_ID", "a"},
                           {"PROJECT_ID", "b"}},
                          "METRICS_TEXTFILE_PATH", path);
  EXPECT_EQ(nothing.code, 2);
  EXPECT_EQ(ReadFile(path), text);
  const Ran nowhere = RunChatscale({}, demo);
  EXPECT_EQ(nowhere.code, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("METRICS_RUN_ONCE=\"1\": expected a sink"));
}

TEST(SinksE2e, ExportsWhenAsked) {
  TempFolder folder;
  const std::string path = folder.Path("chatscale.prom");
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_TEXTFILE_PATH", path}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const HttpReply reply = Fetch(demo.port(), "/metrics/export", "", "POST");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr(R"("textfile":{"duration_seconds":)"));
  EXPECT_THAT(ReadFile(path), HasSubstr("\nchat_proc_queue_total{"));
}

TEST(SinksE2e, ABeatWithoutASinkIsTold) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_SCHEDULER_ENABLED", "1"}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  EXPECT_EQ(Fetch(demo.port(), "/metrics/export").status, 404);
  EXPECT_THAT(demo.process().Err(), HasSubstr("no sink to export to"));
}

}  // namespace
}  // namespace chatscale
