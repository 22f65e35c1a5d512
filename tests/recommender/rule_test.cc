#include "recommender/rule.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

TEST(Evaluate, EitherSideOfTheThreshold) {
  struct Row {
    Comparison comparison;
    double value;
    Truth expected;
  };
  const Row rows[] = {
      {Comparison::kAbove, 10, Truth::kFalse},  {Comparison::kAbove, 10.001, Truth::kTrue},
      {Comparison::kAtLeast, 10, Truth::kTrue}, {Comparison::kAtLeast, 9.999, Truth::kFalse},
      {Comparison::kBelow, 10, Truth::kFalse},  {Comparison::kBelow, 9.999, Truth::kTrue},
      {Comparison::kAtMost, 10, Truth::kTrue},  {Comparison::kAtMost, 10.001, Truth::kFalse},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Evaluate(10, row.comparison, {row.value}), row.expected)
        << row.value << " comparison " << static_cast<int>(row.comparison);
  }
}

TEST(Evaluate, ALowerBoundProvesAboveAndRefutesBelow) {
  EXPECT_EQ(Evaluate(10, Comparison::kAbove, {11.0, true}), Truth::kTrue);
  EXPECT_EQ(Evaluate(10, Comparison::kAbove, {9.0, true}), Truth::kUnknown);
  EXPECT_EQ(Evaluate(10, Comparison::kBelow, {11.0, true}), Truth::kFalse);
  EXPECT_EQ(Evaluate(10, Comparison::kBelow, {9.0, true}), Truth::kUnknown);
  EXPECT_EQ(Evaluate(10, Comparison::kBelow, {std::nullopt, true}), Truth::kUnknown);
}

TEST(Advance, InactiveSinceKeepsFirstTime) {
  const RulePolicy policy{.threshold = 10};
  RuleState state;
  Advance(policy, {}, {}, Truth::kFalse, kStart, state);
  Advance(policy, {}, {}, Truth::kFalse, kStart + absl::Seconds(15), state);
  EXPECT_EQ(state.phase, Phase::kInactive);
  EXPECT_EQ(state.since, kStart);
}

// Truths every 15 s: t, f or ? -> the phase after each.
std::string Phases(const RulePolicy& policy, std::string_view truths,
                   absl::Duration interval = absl::Seconds(15), const Cadence& cadence = {}) {
  RuleState state;
  std::string phases;
  absl::Time now = kStart;
  for (const char truth : truths) {
    const Truth t = truth == 't' ? Truth::kTrue : truth == 'f' ? Truth::kFalse : Truth::kUnknown;
    Advance(policy, GapPolicy{}, cadence, t, now, state);
    phases += state.phase == Phase::kFiring ? 'F' : state.phase == Phase::kPending ? 'p' : '-';
    now += interval;
  }
  return phases;
}

TEST(Advance, PendingBecomesFiringExactlyAtTheDuration) {
  const RulePolicy minute{.threshold = 1, .duration = absl::Minutes(1)};
  EXPECT_EQ(Phases(minute, "ttttt"), "ppppF");
  EXPECT_EQ(Phases(minute, "tttttf"), "ppppF-");
  EXPECT_EQ(Phases(minute, "ttftttt"), "pp-pppp");
  EXPECT_EQ(Phases({.threshold = 1}, "ft"), "-F");
  EXPECT_EQ(Phases({.threshold = 1, .enabled = false}, "ttt"), "---");
}

TEST(Advance, UnknownNeitherStartsNorAdvancesPending) {
  const RulePolicy minute{.threshold = 1, .duration = absl::Minutes(1)};
  EXPECT_EQ(Phases(minute, "?????"), "-----");
  EXPECT_EQ(Phases(minute, "tt?tt"), "ppppp") << "75 % measured is not enough";
  EXPECT_EQ(Phases(minute, "tt?ttt"), "pppppF") << "80 % measured is";
  EXPECT_EQ(Phases(minute, "ttttt????????????"), "ppppFFFFFFFFF----") << "silent for over 2 min";
}

TEST(Advance, SampleGapResetsPending) {
  const RulePolicy five{.threshold = 1, .duration = absl::Minutes(5)};
  EXPECT_EQ(Phases(five, "tttttt", absl::Minutes(1)), "pppppF");
  EXPECT_EQ(Phases(five, "tttttt", absl::Minutes(2)), "pppFFF");
  EXPECT_EQ(Phases(five, "tttttt", absl::Minutes(3)), "pppppp");
}

TEST(Advance, GapCountsOnlyUpToMaxSampleSpan) {
  const RulePolicy two{.threshold = 1, .duration = absl::Minutes(2)};
  const Cadence quarter{.max_span = absl::Seconds(30)};
  EXPECT_EQ(Phases(two, "ttt", absl::Minutes(2)), "pFF");
  EXPECT_EQ(Phases(two, "tttttt", absl::Minutes(2), quarter), "pppppp") << "a quarter is measured";
  EXPECT_EQ(Phases(two, "ttttt", absl::Seconds(37), quarter), "ppppF") << "81 % is";
  EXPECT_EQ(Phases(two, "ttttt", absl::Seconds(38), quarter), "ppppp") << "79 % is not";
}

TEST(Advance, FiringToleratesSlightlyShortDuration) {
  const RulePolicy minute{.threshold = 1, .duration = absl::Minutes(1)};
  const absl::Duration early = absl::Seconds(15) - absl::Milliseconds(300);
  EXPECT_EQ(Phases(minute, "tttttt", early), "pppppF");
  EXPECT_EQ(Phases(minute, "tttttt", early, {.tolerance = absl::Milliseconds(1200)}), "ppppFF");
  EXPECT_EQ(Phases(minute, "tttttt", early, {.tolerance = absl::Milliseconds(1199)}), "pppppF");
}

TEST(Advance, ReloadKeepsThePendingTimeOfAnUnchangedRule) {
  RulePolicy policy{.threshold = 1, .duration = absl::Minutes(1)};
  RuleState state;
  for (int i = 0; i < 4; ++i) {
    Advance(policy, {}, {}, Truth::kTrue, kStart + i * absl::Seconds(15), state);
  }
  RuleState changed = state;
  const RulePolicy same = policy;
  Advance(same, {}, {}, Truth::kTrue, kStart + absl::Minutes(1), state);
  EXPECT_EQ(state.phase, Phase::kFiring);
  policy.threshold = 2;
  Advance(policy, {}, {}, Truth::kTrue, kStart + absl::Minutes(1), changed);
  EXPECT_EQ(changed.phase, Phase::kPending);
  EXPECT_EQ(changed.since, kStart + absl::Minutes(1));
}

}  // namespace
}  // namespace chatscale::recommender
