#include "exporter/web/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "recommender/rule_table.h"

namespace chatscale {
namespace {

using testing::ElementsAre;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
const Target kAcme{"acme", "assist"};

// A view in which `target` has so many replicas and such a saturation at `at`.
View Round(const Target& target, absl::Time at, std::optional<int> replicas,
           MaybeNumber saturation) {
  auto recommendations = std::make_shared<Recommendations>();
  recommendations->evaluated_at = at;
  recommender::Recommendation& ingress = recommendations->services.ingress.recommendation;
  ingress.current = replicas;
  ingress.desired = replicas ? std::optional<int>(*replicas + 1) : std::nullopt;
  ingress.rule_count = 1;
  ingress.rules[0].row = recommender::kIngressRules.data();
  ingress.rules[0].value = saturation;
  View view;
  view.built_at = at;
  TargetView& shown = view.targets.emplace_back();
  shown.target = target;
  shown.recommendations = std::move(recommendations);
  return view;
}

TEST(History, KeepsRuleSignalsAndReplicaCounts) {
  History history;
  history.Add(Round(kAcme, kStart, 2, 0.25));
  history.Add(Round(kAcme, kStart + absl::Seconds(15), std::nullopt, std::nullopt));
  const TargetHistory kept = history.Of(kAcme);
  EXPECT_THAT(kept.at, ElementsAre(kStart, kStart + absl::Seconds(15)));
  EXPECT_THAT(kept.services.ingress.current, ElementsAre(2, std::nullopt));
  EXPECT_THAT(kept.services.ingress.desired, ElementsAre(3, std::nullopt));
  ASSERT_EQ(kept.services.ingress.signals.size(), SignalsOfHistory(Service::kIngress).size());
  EXPECT_EQ(SignalsOfHistory(Service::kIngress)[0].name, "SSE saturation");
  EXPECT_THAT(kept.services.ingress.signals[0], ElementsAre(0.25, std::nullopt));
  EXPECT_THAT(kept.services.proc.signals[0], ElementsAre(std::nullopt, std::nullopt));
  EXPECT_TRUE(history.Of({"nobody", "p"}).at.empty());
}

TEST(History, KeepsOneHourAtFixedSteps) {
  History history;
  for (int s = 0; s <= 7200; s += 5) {
    history.Add(Round(kAcme, kStart + absl::Seconds(s), s, 0.1));
  }
  const TargetHistory kept = history.Of(kAcme);
  EXPECT_EQ(kept.at.size(), 241U);
  EXPECT_EQ(kept.at.front(), kStart + absl::Hours(1));
  EXPECT_EQ(kept.at.back(), kStart + absl::Hours(2));
  EXPECT_EQ(kept.at[1] - kept.at[0], absl::Seconds(15));
}

TEST(History, ResetsWhenTheClockGoesBack) {
  History history;
  history.Add(Round(kAcme, kStart, 2, 0.1));
  history.Add(Round(kAcme, kStart - absl::Minutes(5), 3, 0.1));
  EXPECT_THAT(history.Of(kAcme).services.ingress.current, ElementsAre(3));
}

TEST(History, TargetsShareTheMemoryBudget) {
  History history;
  View view;
  for (int t = 0; t < 5000; ++t) {
    view.targets.push_back(Round({std::to_string(t), "p"}, kStart, 2, 0.1).targets.front());
  }
  for (int round = 0; round < 4; ++round) {
    const auto at = kStart + absl::Minutes(20 * round);
    view.built_at = at;
    for (TargetView& target : view.targets) {
      auto recommendations = std::make_shared<Recommendations>(*target.recommendations);
      recommendations->evaluated_at = at;
      target.recommendations = std::move(recommendations);
    }
    history.Add(view);
    EXPECT_LE(history.MemoryBytes(), History::kMostBytes);
  }
  EXPECT_GT(history.MemoryBytes(), History::kMostBytes / 2);
  EXPECT_EQ(history.Of({"4999", "p"}).at.size(), 4U);
  history.Add(Round(kAcme, kStart + absl::Hours(3), 2, 0.1));  // all others have gone
  EXPECT_TRUE(history.Of({"4999", "p"}).at.empty());
  history.Add(Round(kAcme, kStart + absl::Hours(3) + absl::Seconds(15), 2, 0.1));
  EXPECT_EQ(history.Of(kAcme).at.size(), 2U);
}

TEST(History, CountsErrorsOfTheLastHour) {
  History history;
  const auto fail = [&](absl::Duration after, std::uint64_t total) {
    View view = Round(kAcme, kStart + after, 2, 0.1);
    SourceHealth& source = view.targets[0].sources.emplace_back();
    source.source = "proc";
    source.errors = {{ErrorKind::kTimeout, total}, {ErrorKind::kConnect, 0}};
    history.Add(view);
  };
  const std::pair<std::string, ErrorKind> timeout{"proc", ErrorKind::kTimeout};
  fail(absl::ZeroDuration(), 3);
  EXPECT_THAT(history.ErrorsOf(kAcme), ElementsAre(std::pair(timeout, 3)));
  for (int minute = 1; minute <= 200; ++minute) {
    fail(absl::Minutes(minute), 3 + static_cast<std::uint64_t>(minute));
  }
  EXPECT_THAT(history.ErrorsOf(kAcme), ElementsAre(std::pair(timeout, 60)));
  fail(absl::Minutes(320), 203);
  EXPECT_TRUE(history.ErrorsOf(kAcme).empty());
}

TEST(History, IsThreadSafe) {
  History history;
  std::thread writer([&] {
    for (int s = 0; s < 2000; ++s) {
      history.Add(Round(kAcme, kStart + absl::Seconds(15 * s), s, 0.1));
    }
  });
  for (int i = 0; i < 200; ++i) {
    const TargetHistory kept = history.Of(kAcme);
    EXPECT_EQ(kept.at.size(), kept.services.ingress.current.size());
    history.ErrorsOf(kAcme);
  }
  writer.join();
}

TEST(History, PointsFitInto56Bytes) {
  EXPECT_EQ(SignalsOfHistory(Service::kIngress).size() + SignalsOfHistory(Service::kProc).size(),
            HistoryPoint::kMostSignals);
  EXPECT_LE(sizeof(HistoryPoint), 56U);
}

}  // namespace
}  // namespace chatscale
