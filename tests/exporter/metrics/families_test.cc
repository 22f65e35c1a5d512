#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/samples.h"

namespace chatscale {
namespace {

View OneTarget(Snapshot snapshot) {
  View view;
  view.mode = "proxy";
  TargetView target;
  target.target = {"acme", "assist"};
  target.snapshot = std::move(snapshot);
  view.targets.push_back(std::move(target));
  return view;
}

const PublishedFamily* Find(const Samples& samples, std::string_view name) {
  const auto found =
      std::find_if(samples.families.begin(), samples.families.end(),
                   [&](const PublishedFamily& f) { return f.as->row->name == name; });
  return found == samples.families.end() ? nullptr : &*found;
}

TEST(Samples, UnknownValuesAreAbsent) {
  const Samples samples = SamplesOf(OneTarget({}));
  EXPECT_EQ(Find(samples, "chat.proc.queue.total"), nullptr);
  EXPECT_TRUE(samples.families.empty());
}

TEST(Samples, ZeroIsAValue) {
  Snapshot snapshot;
  snapshot.queue.total = 0;
  const Samples samples = SamplesOf(OneTarget(snapshot));
  const PublishedFamily* total = Find(samples, "chat.proc.queue.total");
  ASSERT_NE(total, nullptr);
  EXPECT_EQ(total->data.metric[0].gauge.value, 0);
  EXPECT_EQ(total->data.metric[0].label, (Labels{{"tenant", "acme"}, {"project", "assist"}}));
}

TEST(Samples, NotANumberAndInfinityAreAbsent) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    Snapshot snapshot;
    snapshot.queue.total = value;
    EXPECT_EQ(Find(SamplesOf(OneTarget(snapshot)), "chat.proc.queue.total"), nullptr);
  }
}

TEST(Samples, SaturationNeedsALimit) {
  Snapshot snapshot;
  snapshot.sse.connections = 5;
  snapshot.sse.limit = 0;
  EXPECT_EQ(Find(SamplesOf(OneTarget(snapshot)), "chat.ingress.sse.saturation"), nullptr);
  snapshot.sse.limit = 10;
  EXPECT_EQ(Find(SamplesOf(OneTarget(snapshot)), "chat.ingress.sse.saturation")
                ->data.metric[0]
                .gauge.value,
            0.5);
}

TEST(Samples, ExcessCircuitBreakersAreDroppedAndCounted) {
  Snapshot snapshot;
  for (int i = 0; i < 100; ++i) {
    snapshot.circuit_breakers.push_back(
        {.name = "b" + std::to_string(i), .state = "", .window_failures = 1, .failures = {}});
  }
  const Samples samples = SamplesOf(OneTarget(snapshot));
  EXPECT_EQ(Find(samples, "chat.circuit_breaker.failures")->data.metric.size(), 64U);
  EXPECT_EQ(samples.dropped.at("family_limit"), 36U);
}

TEST(Samples, EveryStateOfEveryRuleIsExported) {
  View view = OneTarget({});
  auto recommendations = std::make_shared<Recommendations>();
  for (const Service service : kServices) {
    recommender::Recommendation& of = recommendations->services[service].recommendation;
    of.service = service;
    for (const recommender::RuleRow& row : recommender::RuleRows(service)) {
      of.rules.at(of.rule_count++) = {.row = &row, .status = recommender::RuleStatus::kPending};
    }
  }
  view.targets[0].recommendations = recommendations;
  const Samples samples = SamplesOf(view);
  EXPECT_EQ(Find(samples, "chat.recommender.rule_state")->data.metric.size(),
            4 * (recommender::kIngressRules.size() + recommender::kProcRules.size()));
  EXPECT_TRUE(samples.dropped.empty());
}

TEST(Samples, SeriesLimitSparesContractNames) {
  Snapshot snapshot;
  snapshot.queue.total = 1;
  snapshot.queue.waiting = 1;
  FamilyOptions options;
  options.series = 0;
  const Samples samples = SamplesOf(OneTarget(snapshot), options);
  EXPECT_NE(Find(samples, "chat.proc.queue.total"), nullptr);
  EXPECT_EQ(Find(samples, "chat.proc.queue.waiting"), nullptr);
  EXPECT_GT(samples.dropped.at("total_limit"), 0U);
}

TEST(Samples, HistogramIsExportedWholeOrDropped) {
  Snapshot snapshot;
  snapshot.counts.wait.emplace().Add(1);
  FamilyOptions options;
  constexpr std::size_t parts = kTimeBounds.size() + 3;  // one bucket more, sum and count
  options.series = parts;
  EXPECT_NE(Find(SamplesOf(OneTarget(snapshot), options), "chat.proc.queue.wait_seconds"), nullptr);
  options.series = parts - 1;
  const Samples samples = SamplesOf(OneTarget(snapshot), options);
  EXPECT_EQ(Find(samples, "chat.proc.queue.wait_seconds"), nullptr);
  EXPECT_GE(samples.dropped.at("total_limit"), parts);
}

TEST(Samples, DuplicateSeriesAreDropped) {
  Snapshot snapshot;
  snapshot.circuit_breakers.push_back(
      {.name = "a\n", .state = "", .window_failures = 1, .failures = {}});
  snapshot.circuit_breakers.push_back(
      {.name = "a\t", .state = "", .window_failures = 2, .failures = {}});
  const Samples samples = SamplesOf(OneTarget(snapshot));
  EXPECT_EQ(Find(samples, "chat.circuit_breaker.failures")->data.metric.size(), 1U);
  EXPECT_EQ(samples.dropped.at("duplicate"), 1U);
}

TEST(LabelValue, IsUtf8WithoutControlCharactersAndBounded) {
  EXPECT_EQ(LabelValue("a\nb\x7F"
                       "c",
                       128),
            "a b c");
  EXPECT_EQ(LabelValue("\xFF", 128), "\xEF\xBF\xBD");
  EXPECT_EQ(LabelValue("\xC3\xA9\xC3\xA9", 3), "\xC3\xA9");
  EXPECT_EQ(LabelValue(std::string(1000, 'x'), 128).size(), 128U);
}

}  // namespace
}  // namespace chatscale
