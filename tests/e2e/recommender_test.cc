// The recommender at work in the running program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDesired =
    "chat_recommender_desired_replicas{tenant=\"demo\",project=\"demo\",component=\"proc\"}";

TEST(RecommenderE2e, RecommendsAndExplains) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string metrics = demo.AwaitMetric(kDesired);
  EXPECT_EQ(ValueOf(metrics, kDesired), "3");
  const HttpReply flat = Fetch(demo.port(), "/api/v1/recommendations/proc?tenant=demo");
  EXPECT_EQ(flat.status, 200);
  const json proc = json::parse(flat.body);
  EXPECT_EQ(proc.at("desired_replicas"), 3);
  EXPECT_TRUE(proc.at("valid").get<bool>());
  EXPECT_THAT(proc.at("sentence").get<std::string>(), HasSubstr("proc: "));
  EXPECT_EQ(
      json::parse(Fetch(demo.port(), "/api/v1/recommendations").body).at("recommendations").size(),
      2u);
  EXPECT_EQ(Fetch(demo.port(), "/api/v1/recommendations/proc?tenant=other").status, 400);
  EXPECT_EQ(Fetch(demo.port(), "/api/v1/decisions?limit=0").status, 400);
  EXPECT_TRUE(json::parse(Fetch(demo.port(), "/api/v1/decisions").body).contains("decisions"));
  EXPECT_EQ(Fetch(demo.port(), "/-/reload", "", "POST").status, 403);  // off by default
}

TEST(RecommenderE2e, DryRunGivesAutoscalersNoRecommendation) {
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_DRY_RUN", "1"}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string would =
      "chat_recommender_dry_run_desired_replicas{tenant=\"demo\",project=\"demo\",component="
      "\"proc\"}";
  const std::string metrics = demo.AwaitMetric(would);
  EXPECT_EQ(ValueOf(metrics, would), "3");
  for (const char* acted_on :
       {"desired_replicas", "compensated_desired_replicas", "ratio_percent"}) {
    EXPECT_THAT(metrics, Not(HasSubstr(std::string("\nchat_recommender_") + acted_on))) << acted_on;
  }
  const HttpReply flat = Fetch(demo.port(), "/api/v1/recommendations/proc");
  EXPECT_EQ(flat.status, 503);
  EXPECT_THAT(flat.body, HasSubstr("dry run: proc: "));
  const json all = json::parse(Fetch(demo.port(), "/api/v1/recommendations").body);
  for (const json& one : all.at("recommendations")) {
    EXPECT_TRUE(one.at("dry_run").get<bool>());
    EXPECT_TRUE(one.at("desired_replicas").is_null());
    EXPECT_TRUE(one.at("dry_run_desired_replicas").is_number_integer());
  }
  EXPECT_THAT(Fetch(demo.port(), "/").body,
              HasSubstr("Dry run: autoscalers are given no recommendation"));
}

TEST(RecommenderE2e, WithoutInputThereIsNoRecommendation) {
  Chatscale program =
      StartChatscale({{"METRICS_MODE", "proxy"}, {"METRICS_PROC_BASE_URL", "http://127.0.0.1:1"}});
  ASSERT_TRUE(program.listening());
  program.AwaitMetric("chat_recommender_valid{component=\"proc\"}");
  EXPECT_EQ(ValueOf(program.Metrics(), "chat_recommender_desired_replicas{component=\"proc\"}"),
            "");
  EXPECT_EQ(ValueOf(program.Metrics(), "chat_recommender_valid{component=\"proc\"}"), "0");
  EXPECT_EQ(Fetch(program.port(), "/api/v1/recommendations/proc").status, 503);
}

TEST(RecommenderE2e, InvalidPolicyReloadKeepsThePreviousPolicy) {
  const TempFolder folder;
  const std::string file = folder.Write("policy.yaml", "proc: {max_replicas: 9}\n");
  Chatscale demo = StartChatscale({{"METRICS_MODE", "demo"},
                                   {"METRICS_POLICY_FILE", file},
                                   {"METRICS_WEB_BEARER_TOKEN_FILE", folder.Write("token", "t")}});
  ASSERT_TRUE(demo.listening()) << demo.process().Err();
  const std::string most =
      "chat_recommender_max_replicas{tenant=\"demo\",project=\"demo\",component=\"proc\"} ";
  EXPECT_THAT(demo.AwaitMetric(most + "9\n"), HasSubstr(most + "9\n"));
  folder.Write("policy.yaml", "proc: {max_replicas: 0}\n");
  EXPECT_EQ(Fetch(demo.port(), "/-/reload", "", "POST").status, 401);
  const HttpReply refused = demo.Ask("/-/reload", "POST");
  EXPECT_EQ(refused.status, 500);
  EXPECT_THAT(refused.body, HasSubstr("policy.yaml:1"));
  const std::string bad = "chat_exporter_config_last_reload_successful 0\n";
  EXPECT_THAT(demo.AwaitMetric(bad), HasSubstr(bad));
  EXPECT_THAT(demo.Metrics(), HasSubstr(most + "9\n"));
  folder.Write("policy.yaml", "proc: {max_replicas: 8}\n");
  demo.process().Signal(SIGHUP);
  EXPECT_THAT(demo.AwaitMetric(most + "8\n"), HasSubstr(most + "8\n"));
  EXPECT_EQ(ValueOf(demo.Metrics(), "chat_exporter_config_last_reload_successful"), "1");
  EXPECT_EQ(demo.Ask("/-/reload").status, 405);
  folder.Write("policy.yaml", "proc: {override: {min_replicas: 5, until: 2025-11-30T18:00:00Z}}\n");
  EXPECT_EQ(demo.Ask("/-/reload", "POST").status, 200);
  EXPECT_TRUE(demo.process().WaitFor("an override has ended and is not in effect"));
}

TEST(RecommenderE2e, CheckRejectsInvalidPolicyFile) {
  const TempFolder folder;
  const std::string file = folder.Write("p.yaml", "proc:\n  max_replicas: 0\n  maxreplicas: 3\n");
  const Ran ran = RunChatscale({"check", "--mode", "demo", "--policy.file", file});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("p.yaml:2: "));
  EXPECT_THAT(ran.err, HasSubstr("p.yaml:3: "));
  const Ran good = RunChatscale({"check", "--mode", "demo"});
  EXPECT_EQ(good.code, 0);
  EXPECT_THAT(good.out, HasSubstr("max_replicas: 100"));
}

TEST(RecommenderE2e, StateIsWrittenOnShutdown) {
  const TempFolder folder;
  Chatscale demo =
      StartChatscale({{"METRICS_MODE", "demo"}, {"METRICS_STATE_FILE", folder.Path("state")}});
  ASSERT_TRUE(demo.listening());
  demo.AwaitMetric(kDesired);
  demo.process().Signal(SIGTERM);
  EXPECT_EQ(demo.process().Wait(absl::Seconds(10)), 0);
  const json state = json::parse(ReadFile(folder.Path("state")));
  EXPECT_EQ(state.at("targets").at(0).at("state").at("proc").at("desired"), 3);
}

}  // namespace
}  // namespace chatscale
