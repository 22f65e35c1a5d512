#include "exporter/web/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporter/metrics/self_metrics.h"
#include "exporter/web/history.h"
#include "exporter/web/page/assets.h"
#include "exporter/web/page/html.h"
#include "recommender/rule_table.h"

namespace chatscale {
namespace {

using recommender::Reason;
using recommender::Recommendation;
using recommender::RuleStatus;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr const char* kHostile = "<script>alert(1)</script>\"'&";
constexpr const char* kHarmless = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;";

// One target with a pending rule at proc.
TargetView Pending(const Target& name) {
  auto recommendations = std::make_shared<Recommendations>();
  recommendations->evaluated_at = kNow;
  for (const Service service : kServices) {
    ServiceRecommendation& recommended = recommendations->services[service];
    Recommendation& given = recommended.recommendation;
    given.service = service;
    given.at = kNow;
    given.current = 3;
    given.desired = 5;
    given.fresh = true;
    given.min = 1;
    given.max = 9;
    recommended.sentence = "a sentence about " + std::string(recommender::NameOf(service));
    recommended.last_decision = kNow - absl::Seconds(75);
  }
  Recommendation& proc = recommendations->services.proc.recommendation;
  proc.rule_count = 2;
  proc.rules[0] = {.row = recommender::kProcRules.data(),
                   .status = RuleStatus::kPending,
                   .value = 0.84,
                   .threshold = 0.7,
                   .since = kNow - absl::Seconds(30),
                   .required = absl::Minutes(2)};
  proc.rules[1] = {.row = recommender::kProcRules.data() + 1,
                   .status = RuleStatus::kInactive,
                   .value = 0.6,
                   .threshold = 3,
                   .required = absl::Minutes(2)};
  TargetView target;
  target.target = name;
  target.snapshot.emplace();
  target.recommendations = std::move(recommendations);
  target.sources.push_back({.source = "proc", .up = true, .last_success = kNow});
  return target;
}

View Of(std::vector<TargetView> targets) {
  View view;
  view.mode = "redis";
  view.targets = std::move(targets);
  return view;
}

PageContent Showing(const View& view, const TargetView* target) {
  return {.view = view, .target = target, .now = kNow};
}

// The recommendation of proc, to be changed.
Recommendation& ProcOf(TargetView& target) {
  auto recommendations = std::make_shared<Recommendations>(*target.recommendations);
  Recommendation& proc = recommendations->services.proc.recommendation;
  target.recommendations = std::move(recommendations);
  return proc;
}

TEST(Page, ShowsTheRecommendationAndSinceWhen) {
  const View view = Of({Pending({"acme", "assist"})});
  const auto sections = Sections(Showing(view, &view.targets[0]));
  EXPECT_THAT(
      sections.at("recommendation"),
      AllOf(HasSubstr("<span class=\"current\">3</span>"),
            HasSubstr("<span class=\"desired\">5</span>"), HasSubstr("a sentence about proc"),
            HasSubstr("for 1 min 15 s."), HasSubstr("data-announce=\"ingress: 3 to 5 replicas\"")));
  EXPECT_EQ(sections.at("banners"), "");
  const std::string page = Page(Showing(view, &view.targets[0]));
  for (const auto& [id, html] : sections) {
    EXPECT_THAT(page, HasSubstr("<div id=\"" + id + "\">" + html + "</div>")) << id;
  }
  EXPECT_THAT(page, Not(HasSubstr(" style=")));  // the policy refuses it
  EXPECT_THAT(page, Not(HasSubstr("://")));      // nothing from elsewhere
  EXPECT_THAT(page, Not(HasSubstr("role=\"search\"")));
}

TEST(Page, ShowsEachRuleAndItsProgress) {
  View view = Of({Pending({"acme", "assist"})});
  EXPECT_THAT(Sections(Showing(view, &view.targets[0])).at("why"),
              AllOf(HasSubstr("<tr class=\"pending\"><td>scale out</td><th scope=\"row\">queue "
                              "pressure</th><td>0.84</td><td>above 0.7</td>"),
                    HasSubstr("30 s of 2 min <progress max=\"1\" value=\"0.250\""),
                    HasSubstr("value=\"0.200\" aria-label=\"20 % of the way\"")));
  Recommendation& proc = ProcOf(view.targets[0]);
  proc.rules[0].status = RuleStatus::kActive;
  proc.rules[1].value.reset();
  proc.rules[1].status = RuleStatus::kOff;
  proc.suppressed = recommender::Decision::kScaleIn;
  proc.raw = 2;
  proc.limited.Add(Reason::kWarmUp);
  const std::string why = Sections(Showing(view, &view.targets[0])).at("why");
  EXPECT_THAT(why, HasSubstr("<span>active</span></td><td>30 s</td>"));
  EXPECT_THAT(why, HasSubstr("Off in the policy: queue_wait."));
  EXPECT_THAT(why, HasSubstr("Suppressed: the rules wanted to scale in to 2 replicas"));
  EXPECT_THAT(why, HasSubstr(EscapeHtml(recommender::Text(Reason::kWarmUp).sentence)));
}

TEST(Page, BannersWarnOfUnreliableRecommendations) {
  const auto banners = [](const std::function<void(View&)>& change) {
    View view = Of({Pending({"acme", "assist"})});
    change(view);
    return Sections(Showing(view, &view.targets[0])).at("banners");
  };
  EXPECT_THAT(banners([](View& v) { v.mode = "demo"; }),
              HasSubstr("every figure here is simulated"));
  EXPECT_THAT(
      banners([](View& v) {
        SourceHealth& source = v.targets[0].sources[0];
        source.up = false;
        source.error = "connection refused";
      }),
      HasSubstr("Input from proc is stale: last read at 22:13:20 UTC (connection refused)"));
  EXPECT_THAT(banners([](View& v) { ProcOf(v.targets[0]).fresh = false; }),
              HasSubstr("proc: the input is stale"));
  EXPECT_THAT(banners([](View& v) { ProcOf(v.targets[0]).desired.reset(); }),
              HasSubstr("proc: no recommendation is given"));
  EXPECT_THAT(banners([](View& v) {
                Recommendation& proc = ProcOf(v.targets[0]);
                proc.limited.Add(Reason::kDbConnections);
                proc.connection_shortfall = 2;
              }),
              HasSubstr("proc: limited by connections: 2 replicas fewer"));
  EXPECT_THAT(banners([](View& v) {
                auto recommendations =
                    std::make_shared<Recommendations>(*v.targets[0].recommendations);
                recommendations->dry_run = true;
                v.targets[0].recommendations = std::move(recommendations);
              }),
              HasSubstr("Dry run: autoscalers are given no recommendation"));
  EXPECT_THAT(banners([](View& v) { v.targets[0].snapshot.reset(); }),
              HasSubstr("Nothing is known"));
  EXPECT_THAT(banners([](View& v) { v.targets[0].recommendations = nullptr; }),
              HasSubstr("Nothing has been evaluated"));
}

TEST(Page, EscapesUntrustedText) {
  View view = Of({Pending({kHostile, "p"}), Pending({"b", "p"})});
  SourceHealth& source = view.targets[0].sources[0];
  source.up = false;
  source.error = source.source = kHostile;
  PageContent content = Showing(view, &view.targets[0]);
  content.search = kHostile;
  content.errors[{kHostile, ErrorKind::kTimeout}] = 3;
  SelfMetrics self;
  self.Counter("chat.exporter.sink_retries_total").Add({{"sink", kHostile}});
  content.self = self.Collect();
  const std::vector<ShownSetting> settings = {{"METRICS_X", kHostile, true}};
  content.settings = settings;
  content.decisions = {nlohmann::json({{"timestamp", 1.0},
                                       {"component", kHostile},
                                       {"decision", kHostile},
                                       {"sentence", kHostile}})
                           .dump(),
                       "broken"};
  content.target = nullptr;
  const std::string list = Page(content);
  content.target = view.targets.data();
  for (const std::string& page : {Page(content), list}) {
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, HasSubstr(kHarmless));
  }
}

TEST(Page, ListsMostUrgentTargetsFirst) {
  std::vector<TargetView> targets;
  for (int t = 0; t < 1000; ++t) targets.push_back(Pending({"tenant-" + std::to_string(t), "p"}));
  for (TargetView& target : targets) ProcOf(target).desired = 3;
  for (TargetView& target : targets) {
    auto recommendations = std::make_shared<Recommendations>(*target.recommendations);
    recommendations->services.ingress.recommendation.desired = 3;
    target.recommendations = std::move(recommendations);
  }
  targets[700].snapshot.reset();
  ProcOf(targets[800]).desired = 7;
  const View view = Of(std::move(targets));
  PageContent content = Showing(view, nullptr);
  const std::string page = Page(content);
  EXPECT_LT(page.size(), 20'000U);
  EXPECT_THAT(page, HasSubstr("50 of 1000"));
  EXPECT_LT(page.find("tenant-700/p"), page.find("tenant-800/p"));
  EXPECT_LT(page.find("tenant-800/p"), page.find("tenant-0/p"));
  EXPECT_THAT(page, HasSubstr("href=\"/?tenant=tenant-800&amp;project=p\""));
  content.search = "TENANT-99";
  EXPECT_THAT(Sections(content).at("targets"),
              AllOf(HasSubstr("11, the most urgent first"), HasSubstr("tenant-990/p"),
                    Not(HasSubstr("tenant-1/p"))));
  content.search = "nobody";
  EXPECT_THAT(Sections(content).at("targets"), HasSubstr("No tenant has that name."));
}

TEST(Page, HealthShowsErrorsSinksAndSettings) {
  const View view = Of({Pending({"acme", "assist"})});
  PageContent content = Showing(view, view.targets.data());
  content.errors[{"proc", ErrorKind::kTimeout}] = 7;
  SelfMetrics self;
  self.Counter("chat.exporter.sink_retries_total").Add({{"sink", "cloudwatch"}});
  self.Counter("chat.exporter.sink_deliveries_total")
      .Add({{"sink", "cloudwatch"}, {"result", "failed"}})
      .Increment(4);
  self.Gauge("chat.exporter.sink_up").Add({{"sink", "cloudwatch"}}).Set(0);
  content.self = self.Collect();
  const std::vector<ShownSetting> settings = {{"REDIS_URL", "(hidden)", true},
                                              {"METRICS_PORT", "8090", false}};
  content.settings = settings;
  EXPECT_THAT(Sections(content).at("health"),
              AllOf(HasSubstr("<td>timeout</td><td>7</td>"),
                    HasSubstr("cloudwatch</th><td>down</td><td>never</td><td>0</td><td>4</td>"),
                    HasSubstr("REDIS_URL</th><td>(hidden)"), HasSubstr("METRICS_PORT</th><td>8090"),
                    HasSubstr("/rules/alerts")));
}

TEST(SizingWords, OmitUnknownValues) {
  Recommendation given;
  given.service = Service::kProc;
  EXPECT_TRUE(SizingWords(given).empty());
  given.sizing.demand = 41;
  given.sizing.waiting = 12;
  given.sizing.need = 30;
  given.sizing.drain_slots = 6;
  given.sizing.drain = absl::Seconds(60);
  given.sizing.want = 4;
  given.max = 9;
  EXPECT_THAT(
      SizingWords(given),
      testing::ElementsAre("41 tasks wait or run, 12 of them wait.",
                           "The current load needs 30 slots, 6 of them to clear what waits within "
                           "1 min.",
                           "That makes 4 replicas; the policy allows 0 to 9."));
}

TEST(HistoryJson, HasValuesAndTheThresholdsInEffect) {
  TargetView target = Pending({"acme", "assist"});
  History history;
  View view = Of({target});
  view.built_at = kNow;
  history.Add(view);
  const auto json = nlohmann::json::parse(HistoryJson(target, history.Of(target.target)));
  EXPECT_EQ(json.at("at"), nlohmann::json::array({1.7e9}));
  const auto& proc = json.at("services").at("proc");
  EXPECT_EQ(proc.at("current"), nlohmann::json::array({3}));
  EXPECT_EQ(proc.at("desired"), nlohmann::json::array({5}));
  const auto& pressure = proc.at("signals").at(0);
  EXPECT_EQ(pressure.at("name"), "queue pressure");
  EXPECT_NEAR(pressure.at("values").at(0).get<double>(), 0.84, 1e-6);
  EXPECT_EQ(pressure.at("thresholds"),
            nlohmann::json::parse(R"([{"direction": "out", "value": 0.7}])"));
  EXPECT_TRUE(json.at("services").at("ingress").at("signals").at(0).at("values").at(0).is_null());
}

TEST(Assets, AreComplete) {
  EXPECT_TRUE(PageCss().starts_with(":root"));
  EXPECT_TRUE(PageCss().ends_with("}\n"));
  EXPECT_TRUE(PageJs().ends_with("})();\n"));
  EXPECT_NE(ChartJs().find("MIT License"), std::string_view::npos);
  EXPECT_GT(ChartJs().size(), 100'000U);
  EXPECT_TRUE(MetricsMd().starts_with("# Metrics"));
  EXPECT_TRUE(RunbooksMd().starts_with("# Runbooks"));
}

}  // namespace
}  // namespace chatscale
