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

}  // namespace
}  // namespace chatscale
