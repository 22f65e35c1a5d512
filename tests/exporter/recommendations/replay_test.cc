#include "exporter/recommendations/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "exporter/document/monitoring_json.h"
#include "exporter/recommendations/signals_of.h"
#include "recommender/recommend.h"

namespace chatscale {
namespace {

using nlohmann::json;

json Document(const std::string& scenario) {
  std::ifstream file(std::string(CHATSCALE_FIXTURES) + "/scenarios/" + scenario + "/system.json");
  return json::parse(file);
}

// The document every 15 s.
std::string Recording(json document, int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    document["timestamp"] = 1'700'000'000 + 15 * i;
    text += document.dump() + "\n";
  }
  return text;
}
std::string Recording(const char* scenario, int lines) {
  return Recording(Document(scenario), lines);
}

std::vector<json> Answers(const std::string& recording) {
  std::istringstream in(recording);
  std::stringstream out;
  EXPECT_TRUE(Replay({}, in, out, {}).ok());
  std::vector<json> answers;
  for (std::string line; std::getline(out, line);) answers.push_back(json::parse(line));
  return answers;
}

TEST(Replay, OutputsDocumentedFormatForEachLine) {
  const std::vector<json> answers = Answers(Recording("steady", 8));
  ASSERT_EQ(answers.size(), 8u);
  EXPECT_EQ(answers[1]["timestamp"], 1'700'000'015);
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(answers[i]["components"]["proc"]["desired_replicas"].is_null()) << "the first view";
  }
  const json& proc = answers[7]["components"]["proc"];
  EXPECT_EQ(proc["current_replicas"], 3);
  EXPECT_EQ(proc["desired_replicas"], 3);
  EXPECT_EQ(proc["decision"], "hold");
  EXPECT_EQ(proc["reasons"].size(), 1u);
  EXPECT_TRUE(proc["limited"].is_array());
  EXPECT_EQ(answers[7]["components"]["ingress"]["desired_replicas"], 2);
}

TEST(Replay, MalformedLinesAreReportedAndSkipped) {
  json undated = Document("steady");
  undated.erase("timestamp");
  const std::vector<json> answers =
      Answers("{\n[]\n\n" + undated.dump() + "\n" + Recording("steady", 7));
  ASSERT_EQ(answers.size(), 11u);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(answers[i].contains("error")) << i;
  EXPECT_EQ(answers[10]["components"]["proc"]["desired_replicas"], 3);
}

TEST(Replay, SaturatedStreamsScaleOut) {
  const std::vector<json> answers = Answers(Recording("sse_saturated", 18));
  const json& ingress = answers.back()["components"]["ingress"];
  EXPECT_GT(ingress["desired_replicas"], ingress["current_replicas"]);
}

TEST(Replay, AgreesWithTheRecommenderOnEveryTick) {
  for (const char* scenario : {"steady", "idle", "queue_pressure", "hostile", "stale", "cold"}) {
    const std::string recording = Recording(scenario, 60);
    const std::vector<json> answers = Answers(recording);
    std::istringstream in(recording);
    recommender::State state;
    std::size_t i = 0;
    for (std::string line; std::getline(in, line); ++i) {
      const auto snapshot = ParseMonitoringDocument(line);
      ASSERT_TRUE(snapshot.ok()) << scenario;
      const absl::Time at = snapshot->taken_at;
      const auto step = Recommend({}, std::move(state), SignalsOf(*snapshot, {at, at, at}));
      state = step.state;
      const json& desired = answers[i]["components"]["proc"]["desired_replicas"];
      const auto& expected = step.recommendations.proc.desired;
      EXPECT_EQ(desired, expected.has_value() ? json(*expected) : json()) << scenario << ' ' << i;
    }
  }
}

TEST(Replay, SummaryCountsChangesAndRuleStates) {
  std::istringstream in(Recording("sse_saturated", 241) + "{\n");
  std::stringstream out;
  ASSERT_TRUE(Replay({}, in, out, {.format = ReplayFormat::kSummary}).ok());
  EXPECT_THAT(out.str(), ::testing::HasSubstr("lines 242, unreadable 1\n"));
  EXPECT_THAT(out.str(), ::testing::HasSubstr("ingress: changes "));
  EXPECT_THAT(out.str(), ::testing::HasSubstr("out saturation: inactive 0 s pending 120 s active"));
}

// Each document under the policy of the tenant it names, apart from those of others.
TEST(Replay, AppliesTenantOverrides) {
  const auto policies = ParsePolicies(
      "overrides: [{tenant: globex, project: bot, ingress: {min_replicas: 7}}]", "p.yaml");
  ASSERT_TRUE(policies.ok()) << policies.status();
  std::ifstream file(std::string(CHATSCALE_FIXTURES) +
                     "/scenarios/two_tenants/system.globex-bot.json");
  const json globex = json::parse(file);
  std::istringstream in(Recording("two_tenants", 7) + Recording(globex, 7));
  std::stringstream out;
  ASSERT_TRUE(Replay(*policies, in, out, {}).ok());
  std::vector<json> desired;
  for (std::string line; std::getline(out, line);) {
    desired.push_back(json::parse(line)["components"]["ingress"]["desired_replicas"]);
  }
  ASSERT_EQ(desired.size(), 14u);
  EXPECT_EQ(desired[6], 2);
  EXPECT_EQ(desired[13], 7);
}

TEST(Replay, ReportsOutputWriteFailure) {
  std::istringstream in(Recording("steady", 1));
  std::stringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_FALSE(Replay({}, in, out, {}).ok());
}

}  // namespace
}  // namespace chatscale
