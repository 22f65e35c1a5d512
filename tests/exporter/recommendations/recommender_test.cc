#include "exporter/recommendations/recommender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "exporter/document/monitoring_json.h"
#include "exporter/recommendations/recommendation_json.h"
#include "exporter/recommendations/replay.h"
#include "exporter/recommendations/state_file.h"
#include "exporter/sources/demo_source.h"
#include "recommender/recommend.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

using nlohmann::json;
using testing::HasSubstr;

constexpr double kStart = 1'767'600'000;
constexpr double kTick = 15;

TargetView ViewOf(const std::string& document, const Target& target = {"t", "p"}) {
  TargetView view;
  view.target = target;
  view.snapshot = ParseMonitoringDocument(document).value();
  view.at.ingress = view.at.proc = view.snapshot->taken_at;
  return view;
}

// Documents of a simulated morning that follows the recommendation.
std::vector<std::string> Morning(
    Recommender& recommender, double hours,
    std::vector<std::shared_ptr<const Recommendations>>& recommendations) {
  DemoSystem system(1, kStart);
  std::vector<std::string> documents;
  for (double t = kStart; t < kStart + hours * 3'600; t += kTick) {
    system.AdvanceTo(t);
    documents.push_back(DemoDocument(system));
    const TargetView view = ViewOf(documents.back());
    recommendations.push_back(recommender.Evaluate(view, view.snapshot->taken_at));
    const auto& [ingress, proc] = recommendations.back()->services;
    system.SetDesired(ingress.recommendation.desired.value_or(2),
                      proc.recommendation.desired.value_or(3));
  }
  return documents;
}

TEST(Recommender, LiveAndReplayAgreeOnEveryTick) {
  DecisionLog log({});
  Recommender recommender({}, {}, {}, &log);
  std::vector<std::shared_ptr<const Recommendations>> live;
  std::stringstream lines;
  for (const std::string& document : Morning(recommender, 9, live)) lines << document << '\n';
  std::stringstream out;
  ASSERT_TRUE(Replay({}, lines, out, {}).ok());
  std::size_t tick = 0, changes = 0;
  for (std::string line; std::getline(out, line); ++tick) {
    const json components = json::parse(line).at("components");
    for (const Service service : kServices) {
      const auto& mine = live.at(tick)->services[service].recommendation;
      const json& replayed = components.at(NameOf(service));
      const json& desired = replayed.at("desired_replicas");
      ASSERT_EQ(desired.is_null() ? std::nullopt : std::optional(desired.get<int>()), mine.desired)
          << tick;
      ASSERT_EQ(replayed.at("decision"), recommender::DecisionName(mine.decision)) << tick;
      changes += mine.decision != recommender::Decision::kHold;
    }
  }
  EXPECT_EQ(tick, live.size());
  EXPECT_GT(changes, 1u);  // a morning in which something happened
}

TEST(Recommender, RecordedDecisionsAreReproducible) {
  DecisionLog log({});
  Recommender recommender({}, {}, {}, &log);
  std::vector<std::shared_ptr<const Recommendations>> live;
  Morning(recommender, 9, live);
  const auto records = log.Newest([](const Target&, Service) { return true; }, 1'000);
  ASSERT_GT(records.size(), 2u);
  for (const std::string& text : records) {
    const json record = json::parse(text);
    const auto state = StateFromJson(record.at("state"));
    const auto signals = SignalsFromJson(record.at("signals"));
    ASSERT_TRUE(state.ok()) << state.status();
    ASSERT_TRUE(signals.ok()) << signals.status();
    const recommender::Step step = recommender::Recommend({}, *state, *signals);
    const Service service = record.at("component") == "proc" ? Service::kProc : Service::kIngress;
    const recommender::Recommendation& again = step.recommendations[service];
    EXPECT_EQ(record.at("to"), again.desired.value());
    EXPECT_EQ(record.at("decision"), recommender::DecisionName(again.decision));
    EXPECT_EQ(record.at("limited"), ReasonsJson(again.limited));
    EXPECT_EQ(record.at("rules"), RulesJson(again));
  }
}

TEST(Recommender, WarnsOfLastingConfigMismatch) {
  DecisionLog log({});
  Recommender recommender({}, {}, {}, &log);
  TargetView view = ViewOf(DemoDocument(DemoSystem(1, kStart)));
  ServiceFleet& fleet = view.snapshot->fleet.proc;
  fleet.processes_per_instance = 1;
  fleet.concurrency_per_process = 5;
  fleet.instance_list = {{.id = "same", .working = 3, .slots = 30, .running = 0}};
  absl::Time now = absl::FromUnixSeconds(kStart);
  const auto warnings = [&] { return recommender.Evaluate(view, now)->warnings; };
  EXPECT_THAT(warnings(), testing::IsEmpty()) << "a restart looks like that for a moment";
  now += absl::Minutes(2);
  const auto both =
      testing::ElementsAre(HasSubstr("INSTANCE_ID"), HasSubstr("requests_per_process"));
  EXPECT_THAT(warnings(), both);
  now += absl::Seconds(15);
  EXPECT_THAT(warnings(), both);
  fleet.instance_list = {{.id = "a", .working = 1, .slots = 5, .running = 0}};
  EXPECT_THAT(warnings(), testing::IsEmpty());
}

TEST(Recommender, RestartContinuesFromTheStateFile) {
  const TempFolder folder;
  const std::string file = folder.Path("state.json");
  DecisionLog log({});
  std::vector<std::shared_ptr<const Recommendations>> unused;
  Recommender never_stopped({}, {}, {}, &log);
  const auto documents = Morning(never_stopped, 2, unused);
  const std::size_t half = documents.size() / 2;
  auto before = std::make_unique<Recommender>(PolicySet{}, States{},
                                              RecommenderOptions{.state_file = file}, &log);
  for (std::size_t i = 0; i < half; ++i) {
    const TargetView view = ViewOf(documents[i]);
    before->Evaluate(view, view.snapshot->taken_at);
  }
  ASSERT_TRUE(before->Save(kPatience).ok());
  before.reset();
  auto loaded = LoadStates(file);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  Recommender after({}, std::move(loaded->states), {}, &log);
  for (std::size_t i = half; i < documents.size(); ++i) {
    const TargetView view = ViewOf(documents[i]);
    const auto recommendations = after.Evaluate(view, view.snapshot->taken_at);
    for (const Service service : kServices) {
      EXPECT_EQ(recommendations->services[service].recommendation,
                unused[i]->services[service].recommendation)
          << i;
    }
  }
}

TEST(Recommender, MissingInputHoldsThenWithholdsRecommendation) {
  DecisionLog log({});
  Recommender recommender({}, {}, {}, &log);
  DemoSystem system(1, kStart);
  TargetView view = ViewOf(DemoDocument(system));
  absl::Time now = view.snapshot->taken_at;
  recommender.Evaluate(view, now);
  for (int second = 15; second <= 90; second += 15) {  // the first view
    system.AdvanceTo(kStart + second);
    view = ViewOf(DemoDocument(system));
    now = view.snapshot->taken_at;
    recommender.Evaluate(view, now);
  }
  view.snapshot.reset();
  now += absl::Minutes(4);
  auto recommendations = recommender.Evaluate(view, now);
  EXPECT_EQ(recommendations->services.proc.recommendation.desired, 3);
  EXPECT_TRUE(
      recommendations->services.proc.recommendation.limited.Has(recommender::Reason::kStaleInput));
  now += absl::Minutes(2);
  recommendations = recommender.Evaluate(view, now);
  EXPECT_FALSE(recommendations->services.proc.recommendation.desired.has_value());
  EXPECT_THAT(recommendations->services.proc.sentence, HasSubstr("proc: no recommendation: "));
  EXPECT_EQ(recommendations->services.proc.errors, 2u) << "evaluations without input";
  system.AdvanceTo(kStart + 500);
  view = ViewOf(DemoDocument(system));
  EXPECT_EQ(recommender.Evaluate(view, view.snapshot->taken_at)->services.proc.errors, 2u);
}

TEST(Recommender, DropsStateOfRemovedTargets) {
  const TempFolder folder;
  DecisionLog log({});
  Recommender recommender({}, {}, {.state_file = folder.Path("state")}, &log);
  DemoSystem system(1, kStart);
  const std::string document = DemoDocument(system);
  recommender.Evaluate(ViewOf(document, {"a", "p"}), absl::FromUnixSeconds(1));
  recommender.Evaluate(ViewOf(document, {"b", "p"}), absl::FromUnixSeconds(1));
  ASSERT_TRUE(recommender.EndCycle(absl::FromUnixSeconds(1)).ok());
  ASSERT_TRUE(recommender.Wait(kPatience).ok());
  EXPECT_EQ(LoadStates(folder.Path("state"))->states.size(), 2u);
  recommender.Evaluate(ViewOf(document, {"b", "p"}), absl::FromUnixSeconds(100));
  ASSERT_TRUE(recommender.EndCycle(absl::FromUnixSeconds(100)).ok());
  ASSERT_TRUE(recommender.Wait(kPatience).ok());
  const auto left = LoadStates(folder.Path("state"))->states;
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left.begin()->first.tenant, "b");
}

TEST(Recommender, ReportsStateSaveFailure) {
  DecisionLog log({});
  Recommender recommender({}, {}, {.state_file = "/nowhere/state"}, &log);
  EXPECT_THAT(std::string(recommender.Save(kPatience).message()), HasSubstr("/nowhere/state"));
}

// Until it has been written again, not only until it is not due.
TEST(Recommender, StateSaveErrorPersistsUntilWritten) {
  const TempFolder folder;
  DecisionLog log({});
  Recommender recommender({}, {}, {.state_file = folder.Path("later/state")}, &log);
  recommender.EndCycle(absl::FromUnixSeconds(100)).IgnoreError();
  EXPECT_FALSE(recommender.Wait(kPatience).ok());
  std::filesystem::create_directory(folder.Path("later"));
  EXPECT_FALSE(recommender.EndCycle(absl::FromUnixSeconds(115)).ok()) << "not written yet";
  EXPECT_TRUE(recommender.Wait(kPatience).ok());
  EXPECT_TRUE(recommender.EndCycle(absl::FromUnixSeconds(130)).ok());
}

TEST(DecisionLog, KeepsTheNewestAndRotatesItsFile) {
  const TempFolder folder;
  const std::string file = folder.Path("decisions");
  DecisionLog log({.kept = 2, .file = file, .most_file_bytes = 20});
  for (const char* text : {"{\"n\":1}", "{\"n\":2}", "{\"n\":3}"}) {
    log.Add({{"t", "p"}, Service::kProc, text});
    EXPECT_TRUE(log.Wait(kPatience).ok());
  }
  const auto all = [](const Target&, Service) { return true; };
  EXPECT_THAT(log.Newest(all, 10), testing::ElementsAre("{\"n\":3}", "{\"n\":2}"));
  EXPECT_THAT(log.Newest(all, 1), testing::ElementsAre("{\"n\":3}"));
  EXPECT_EQ(ReadFile(file), "{\"n\":3}\n");
  EXPECT_EQ(ReadFile(file + ".1"), "{\"n\":1}\n{\"n\":2}\n");
}

}  // namespace
}  // namespace chatscale
