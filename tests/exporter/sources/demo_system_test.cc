#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "exporter/document/monitoring_json.h"
#include "exporter/metrics/catalogue.h"
#include "exporter/sources/demo_source.h"
#include "tests/exporter/sources/demo_day.h"
#include "tests/support/samples.h"

namespace chatscale {
namespace {

TEST(Dice, HaveTheMomentsOfTheirDistributions) {
  Dice dice(7);
  double uniform = 0, exponential = 0, logarithm = 0;
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    uniform += dice.Uniform();
    exponential += dice.Exponential(4);
    logarithm += std::log(dice.LogNormal(3, 0.5));
  }
  EXPECT_NEAR(uniform / kDraws, 0.5, 0.01);
  EXPECT_NEAR(exponential / kDraws, 4, 0.1);
  EXPECT_NEAR(logarithm / kDraws, std::log(3), 0.01);
}

TEST(Rolling, SummarizesItsWindows) {
  Rolling rolling;
  for (int i = 1; i <= 100; ++i) rolling.Add(i, i);
  const auto summaries = rolling.Summaries(100);
  EXPECT_EQ(summaries[0].count, 61u);  // 40 to 100, both ends included
  EXPECT_EQ(summaries[1].count, 100u);
  EXPECT_EQ(summaries[1].p95, 96);
  EXPECT_EQ(summaries[1].max, 100);
  rolling.Trim(100 + kHour - 50);
  EXPECT_EQ(rolling.Summaries(100)[2].count, 51u);
  EXPECT_EQ(Rolling().Summaries(0)[0].count, 0u);
}

TEST(DailyShape, IsContinuousAndPeaksByDay) {
  for (double t = 0; t < 2 * kDay; t += 60) {
    EXPECT_NEAR(DailyShape(t), DailyShape(t + 60), 0.02) << t;
    EXPECT_GT(DailyShape(t), 0);
    EXPECT_LE(DailyShape(t), 1);
  }
  EXPECT_GT(DailyShape(15 * kHour), 5 * DailyShape(4 * kHour));
}

TEST(DemoSystem, HistoryDependsOnlyOnTheSeed) {
  DemoSystem one(3, kStart);
  DemoSystem other(3, kStart);
  one.AdvanceTo(kStart + 2 * kHour);
  for (double t = kStart; t <= kStart + 2 * kHour; t += 7.3) other.AdvanceTo(t);
  other.AdvanceTo(kStart + 2 * kHour);
  EXPECT_EQ(DemoDocument(one), DemoDocument(other));
  DemoSystem third(4, kStart);
  third.AdvanceTo(kStart + 2 * kHour);
  EXPECT_NE(DemoDocument(one), DemoDocument(third));
}

TEST(DemoSystem, LosesNoTask) {
  DemoSystem system(1, kStart);
  system.AdvanceTo(kStart + kDay);
  const DemoTotals& totals = system.totals();
  EXPECT_GT(totals.attempted, 50'000u);
  EXPECT_EQ(totals.attempted,
            totals.finished + totals.rate_limited + totals.refused +
                static_cast<std::uint64_t>(system.Waiting() + system.proc().Load()));
}

// Little's law: mean number in the system = rate x mean time in it.
TEST(DemoSystem, ObeysLittlesLaw) {
  DemoSystem system(5, kStart);
  system.AdvanceTo(kStart + 6 * kHour);
  const double now = system.now();
  const auto hour = static_cast<std::size_t>(Window::k1h);
  const WindowSummary wait = system.rollings().wait.Summaries(now)[hour];
  const WindowSummary exec = system.rollings().exec.Summaries(now)[hour];
  const double rate = static_cast<double>(exec.count) / kHour;
  const double expected = rate * (wait.mean + exec.mean) / 1'000;
  EXPECT_NEAR(system.rollings().depth.Summaries(now)[hour].mean / expected, 1, 0.05);
}

TEST(DemoSystem, ADayHasQuietAndBusyHours) {
  DemoSystem system(1, kStart);
  double lowest = 1, highest = 0, lowest_pressure = 1, highest_pressure = 0, longest_wait = 0;
  for (double t = kStart; t <= kStart + 2 * kDay; t += 300) {
    system.AdvanceTo(t);
    const double saturation = double(system.ingress().Load()) / system.ingress().Slots(t);
    const double pressure =
        double(system.Waiting() + system.proc().Load()) / system.QueueCapacity();
    lowest = std::min(lowest, saturation);
    highest = std::max(highest, saturation);
    lowest_pressure = std::min(lowest_pressure, pressure);
    highest_pressure = std::max(highest_pressure, pressure);
    longest_wait = std::max(longest_wait, system.rollings().wait.Summaries(t)[0].p95);
  }
  EXPECT_LT(lowest, 0.3);
  EXPECT_GT(highest, 0.7);
  EXPECT_LT(lowest_pressure, 0.1);
  EXPECT_GT(highest_pressure, 0.5);
  EXPECT_GT(longest_wait, 3'000);
  EXPECT_GT(system.totals().refused, 0u);
  EXPECT_GT(system.totals().rate_limited, 0u);
}

TEST(DemoSystem, ReplicasTakeTimeToStartAndDrain) {
  DemoSystem system(1, kStart);
  const double now = kStart + 7 * kHour;  // the busiest hour
  system.AdvanceTo(now);
  system.SetDesired(4, 5);
  system.AdvanceTo(now + kStartSeconds - 1);
  EXPECT_EQ(system.proc().Ready(system.now()), 3);
  system.AdvanceTo(now + kStartSeconds + 1);
  EXPECT_EQ(system.proc().Ready(system.now()), 5);
  EXPECT_EQ(system.ingress().Ready(system.now()), 4);
  system.AdvanceTo(now + kHour);
  const int streams = system.ingress().Load();
  system.SetDesired(2, 3);
  EXPECT_EQ(system.proc().Ready(system.now()), 3);
  const auto snapshot = ParseMonitoringDocument(DemoDocument(system));
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->fleet.proc.draining_processes, 2);
  EXPECT_EQ(snapshot->fleet.ingress.draining_processes, 4);
  system.AdvanceTo(now + kHour + kDrainSeconds + 11);
  EXPECT_EQ(system.ingress().replicas().size(), 2u);
  EXPECT_EQ(system.proc().replicas().size(), 3u);
  EXPECT_NEAR(system.ingress().Load(), streams, 0.2 * streams);  // they moved
}

TEST(DemoSystem, SurvivesHavingNoReplicas) {
  DemoSystem system(1, kStart);
  system.SetDesired(0, 0);
  system.AdvanceTo(kStart + kHour);
  const auto snapshot = ParseMonitoringDocument(DemoDocument(system));
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->malformed.Total(), 0);
  EXPECT_EQ(snapshot->fleet.proc.instances, 0);
  system.SetDesired(2, 3);
  system.AdvanceTo(kStart + 2 * kHour);
  EXPECT_GT(system.ingress().Load(), 0);
}

TEST(DemoDocument, FeedsEveryContractMetric) {
  DemoSystem system(1, kStart);
  TargetView target;
  target.snapshot = ParseMonitoringDocument(DemoDocument(system)).value();
  EXPECT_EQ(target.snapshot->malformed.Total(), 0);
  View view;
  view.targets = {target};
  std::set<std::string_view> shown;
  for (const PublishedFamily& family : SamplesOf(view).families) shown.insert(family.as->row->name);
  for (const MetricRow& row : Catalogue()) {
    EXPECT_TRUE(!row.contract || !row.IsObserved() || shown.contains(row.name)) << row.name;
  }
}

TEST(DemoSource, SimulatedTimeRunsFaster) {
  const auto source = std::make_unique<DemoSource>(DemoOptions{.speed = 600});
  const absl::Time began = absl::FromUnixSeconds(1'000);
  const auto at = [&](absl::Time now) {
    return source->Collect(now, absl::Seconds(1)).at(0).parts.at(0).snapshot->taken_at;
  };
  const absl::Time first = at(began);
  EXPECT_EQ(at(began + absl::Seconds(2)) - first, absl::Minutes(20));
  EXPECT_EQ(at(began + absl::Seconds(1)) - first, absl::Minutes(20));  // the clock was set back
}

}  // namespace
}  // namespace chatscale
