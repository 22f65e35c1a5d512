#include "recommender/starting_count.h"

#include <gtest/gtest.h>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

constexpr absl::Duration kInWindow = absl::Minutes(10);

// A state whose recommendation is `desired`, last fed at kStart.
ServiceState Recommended(int desired) {
  ServiceState state;
  state.desired = state.ordered = desired;
  state.last_sample = kStart;
  return state;
}

CheckedSample Observed(std::optional<int> current) {
  CheckedSample sample;
  sample.fresh = true;
  sample.age = absl::ZeroDuration();
  sample.current = current;
  return sample;
}

TEST(NoteSample, InputIsLostAfterGapAboveHold) {
  const absl::Duration hold = InputPolicy().hold;
  for (const bool longer : {false, true}) {
    ServiceState state = Recommended(2);
    const absl::Time now = kStart + hold + absl::Nanoseconds(longer ? 1 : 0);
    EXPECT_EQ(NoteSample({}, Observed(7), true, now, state), longer);
    EXPECT_EQ(state.last_sample, now);
  }
  ServiceState state = Recommended(2);
  EXPECT_FALSE(NoteSample({}, Observed(7), false, kStart + absl::Hours(1), state));
  EXPECT_EQ(state.last_sample, kStart);
}

TEST(NoteSample, UsesSampleTimeExceptFromTheFuture) {
  for (const int age : {10, 0, -10}) {
    ServiceState state = Recommended(2);
    CheckedSample sample = Observed(2);
    sample.age = absl::Seconds(age);
    const absl::Time now = kStart + absl::Minutes(1);
    NoteSample({}, sample, true, now, state);
    EXPECT_EQ(state.last_sample, now - absl::Seconds(std::max(0, age))) << age;
  }
}

// The counts seen, one each 5 s, and what was recommended after each: 0 = nothing.
std::vector<int> Anchors(const std::vector<std::optional<int>>& counts, bool work = true,
                         ServiceState state = {}, bool lost = false) {
  std::vector<int> anchors;
  absl::Time now = kStart;
  for (const std::optional<int> count : counts) {
    Recommendation report;
    StartFromObserved(
        Observed(count),
        {.in_window = kInWindow, .bounds = {.min = 2, .max = 20}, .work = work, .lost = lost}, now,
        state, report);
    EXPECT_EQ(report.limited.Has(Reason::kFirstView), report.view_until.has_value());
    anchors.push_back(state.desired.value_or(0));
    now += absl::Seconds(5);
  }
  return anchors;
}

// So many looks at a count that ends in `count`.
std::vector<std::optional<int>> Growing(const std::vector<int>& counts, int last, int looks) {
  std::vector<std::optional<int>> all(counts.begin(), counts.end());
  all.resize(looks, last);
  return all;
}

TEST(FirstView, IsCompleteWhenCountIsStableForStartupTime) {
  // 10 are there from the third look on, 10 s after the first: 10 + 90 = 100 s.
  const std::vector<int> seen = Anchors(Growing({1, 4}, 10, 24));
  for (int look = 0; look < 24; ++look) EXPECT_EQ(seen[look], look < 20 ? 0 : 10) << look;
  // One more after 85 s begins it anew: 85 + 90 = 175 s.
  const std::vector<int> late(17, 9);
  EXPECT_EQ(Anchors(Growing(late, 10, 35)).back(), 0);
  EXPECT_EQ(Anchors(Growing(late, 10, 36)).back(), 10);
  // One that comes and goes all the time is no growth; many that went and return are.
  std::vector<int> restless, emptied(10, 10);
  for (int look = 0; look < 40; ++look) restless.push_back(9 + look % 2);
  EXPECT_EQ(Anchors(Growing(restless, 9, 19)).back(), 0);
  EXPECT_NE(Anchors(Growing(restless, 9, 20)).back(), 0);
  for (const int back : {2, 5}) emptied.push_back(back);
  EXPECT_EQ(Anchors(Growing(emptied, 10, 30)).back(), 0);
  EXPECT_EQ(Anchors(Growing(emptied, 10, 31)).back(), 10);
  // Growth without end keeps nobody waiting for longer than an in-window.
  std::vector<int> growing;
  for (int look = 1; look <= 121; ++look) growing.push_back(look);
  EXPECT_EQ(Anchors(Growing(growing, 121, 120)).back(), 0);
  EXPECT_NE(Anchors(Growing(growing, 121, 121)).back(), 0);
}

TEST(FirstView, BeginsWithTheObservedCount) {
  EXPECT_EQ(Anchors(Growing({}, 3, 19)).back(), 3);
  EXPECT_EQ(Anchors(Growing({}, 1, 19)).back(), 2) << "within the bounds";
  EXPECT_EQ(Anchors(Growing({}, 99, 19)).back(), 20);
  EXPECT_EQ(Anchors(Growing({5, 5, 5}, 0, 19)).back(), 5) << "all gone since";
  // Signs of life are evicted, and come back: what was seen within a heartbeat timeout counts.
  std::vector<int> evicted;
  for (int look = 0; look < 120; ++look) evicted.push_back(look % 8 == 0 ? 8 : look % 5);
  const std::vector<int> anchors = Anchors(Growing(evicted, 3, 121));
  EXPECT_EQ(anchors[119], 0);
  EXPECT_EQ(anchors[120], 8);
  EXPECT_EQ(Anchors(Growing({5, 5, 5, 5, 5}, 3, 19)).back(), 3) << "two ended a minute ago";
}

TEST(FirstView, WithoutReplicasHeartbeatTimeoutSufficesIfTasksWait) {
  EXPECT_EQ(Anchors(Growing({}, 0, 9)).back(), 0);
  EXPECT_EQ(Anchors(Growing({}, 0, 10)).back(), 2) << "the minimum";
  EXPECT_EQ(Anchors(Growing({}, 0, 40), false).back(), 0) << "nobody needs one";
  EXPECT_EQ(Anchors(std::vector<std::optional<int>>(40)).back(), 0) << "the count is not known";
  // The first heartbeat begins the view.
  EXPECT_EQ(Anchors(Growing({0, 0, 0, 0, 0, 0, 0, 0}, 3, 26)).back(), 0);
  EXPECT_EQ(Anchors(Growing({0, 0, 0, 0, 0, 0, 0, 0}, 3, 27)).back(), 3);
}

TEST(FirstView, GapResetsIt) {
  ServiceState state;
  Recommendation report;
  NoteSample({}, Observed(3), true, kStart, state);
  StartFromObserved(Observed(3), {.in_window = kInWindow}, kStart, state, report);
  ASSERT_EQ(state.view.since, kStart);
  NoteSample({}, Observed(3), true, kStart + absl::Minutes(3), state);
  EXPECT_EQ(state.view, FirstView());
}

TEST(Anchor, IsTheMaximumAfterLostInput) {
  EXPECT_EQ(Anchors({7}, true, Recommended(4), true).back(), 7);
  EXPECT_EQ(Anchors({1}, true, Recommended(4), true).back(), 4);
  EXPECT_EQ(Anchors({7}, true, Recommended(4), false).back(), 4) << "not lost: rules alone";
}

// Eight replicas were seen a moment ago; now `current`, while `desired` are recommended.
bool Outage(int desired, int current) {
  ServiceState state = Recommended(desired);
  DetectOutage({}, Observed(8), kInWindow, kStart, state);
  DetectOutage({}, Observed(current), kInWindow, kStart + absl::Seconds(15), state);
  return state.outage_since.has_value();
}

TEST(DetectOutage, NeedsDropBelowThreeQuartersAndRecommendation) {
  EXPECT_TRUE(Outage(8, 5));
  EXPECT_FALSE(Outage(8, 6)) << "three quarters";
  EXPECT_FALSE(Outage(4, 4)) << "as recommended";
  EXPECT_TRUE(Outage(5, 4));
}

TEST(DetectOutage, EndsWhenReplicasReturnOrAfterTheWindow) {
  const auto after = [](absl::Duration passed, int current, int desired) {
    ServiceState state = Recommended(desired);
    DetectOutage({}, Observed(8), kInWindow, kStart, state);
    DetectOutage({}, Observed(3), kInWindow, kStart, state);
    DetectOutage({}, Observed(current), kInWindow, kStart + passed, state);
    return state.outage_since.has_value();
  };
  EXPECT_TRUE(after(absl::Minutes(5), 5, 8));
  EXPECT_FALSE(after(absl::Minutes(5), 6, 8)) << "three quarters of the eight";
  EXPECT_FALSE(after(absl::Minutes(5), 4, 4)) << "as many as recommended";
  EXPECT_TRUE(after(kInWindow - absl::Nanoseconds(1), 3, 8));
  EXPECT_FALSE(after(kInWindow, 3, 8));
}

TEST(DetectOutage, KeepsStateWithoutCountOrRecommendation) {
  ServiceState state = Recommended(8);
  DetectOutage({}, Observed(std::nullopt), kInWindow, kStart, state);
  EXPECT_EQ(state, Recommended(8));
  ServiceState fresh;
  DetectOutage({}, Observed(3), kInWindow, kStart, fresh);
  EXPECT_EQ(fresh, ServiceState());
}

// What is reported after so many minutes of `current` observed beside `desired`.
ReasonList After(int minutes, int desired, std::optional<int> current) {
  ServiceState state = Recommended(desired);
  Recommendation report;
  DetectDifference(Observed(current), kStart, state, report);
  EXPECT_TRUE(report.notes.empty());
  DetectDifference(Observed(current), kStart + absl::Minutes(minutes), state, report);
  return report.notes;
}

TEST(DetectDifference, ReportsSurplusAndShortageAfterTenMinutes) {
  EXPECT_TRUE(After(10, 4, 6).Has(Reason::kSurplus));
  EXPECT_TRUE(After(9, 4, 6).empty());
  EXPECT_TRUE(After(10, 4, 5).empty()) << "a quarter more is a rollout";
  EXPECT_TRUE(After(10, 1, 2).Has(Reason::kSurplus));
  EXPECT_TRUE(After(10, 4, 3).Has(Reason::kShortage));
  EXPECT_TRUE(After(9, 4, 3).empty());
  EXPECT_TRUE(After(10, 4, 4).empty());
  EXPECT_TRUE(After(10, 4, std::nullopt).empty());
}

TEST(DetectDifference, OrderedIncludesReplicasPendingScaleIn) {
  ServiceState state = Recommended(10);
  state.desired = 6;
  Recommendation report;
  DetectDifference(Observed(10), kStart, state, report);
  EXPECT_EQ(state.ordered, 10);
  DetectDifference(Observed(6), kStart, state, report);
  EXPECT_EQ(state.ordered, 6);
  DetectDifference(Observed(12), kStart, state, report);
  EXPECT_EQ(state.ordered, 6) << "a rollout's do not";
}

}  // namespace
}  // namespace chatscale::recommender
