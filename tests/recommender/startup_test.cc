#include "recommender/startup.h"

#include <gtest/gtest.h>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

// A fleet of `count` replicas whose recommendation grows by one; the new one shows after `seconds`.
void Start(double seconds, int count, absl::Time& now, StartupMemory& memory) {
  NoteChange(count, count + 1, count, now, memory);
  LearnStartup(count, now + absl::Seconds(seconds) - absl::Seconds(1), memory);
  now += absl::Seconds(seconds);
  LearnStartup(count + 1, now, memory);
}

TEST(Startup, IsTheThirdQuartileOfTheLastFifteen) {
  StartupMemory memory;
  absl::Time now = kStart;
  Start(80, 4, now, memory);
  Start(60, 5, now, memory);
  EXPECT_EQ(StartupSeconds(memory), std::nullopt) << "two are not enough";
  Start(100, 6, now, memory);
  EXPECT_EQ(StartupSeconds(memory), 100);
  Start(70, 7, now, memory);
  EXPECT_EQ(StartupSeconds(memory), 80);
  for (int i = 0; i < 15; ++i) Start(200 + i, 8 + i, now, memory);
  EXPECT_EQ(StartupSeconds(memory), 211) << "the twelfth";
  EXPECT_EQ(memory.seconds.size(), 15u);
}

TEST(Startup, IgnoresSlowOutlier) {
  StartupMemory memory;
  absl::Time now = kStart;
  for (const double seconds : {60, 62, 61, 800}) Start(seconds, 4, now, memory);
  EXPECT_EQ(StartupSeconds(memory), 62);
}

TEST(Startup, IsMeasuredOnlyForUndisturbedScaleOuts) {
  const absl::Time later = kStart + absl::Seconds(90);
  const auto learned = [&](int before, int recommended, std::optional<int> current,
                           std::optional<int> then, absl::Time at) {
    StartupMemory memory;
    NoteChange(before, recommended, current, kStart, memory);
    LearnStartup(then, at, memory);
    return memory.seconds;
  };
  EXPECT_EQ(learned(4, 6, 4, 5, later), std::vector<double>{90});
  EXPECT_TRUE(learned(4, 6, 3, 5, later).empty()) << "one recommended earlier was on its way";
  EXPECT_TRUE(learned(4, 6, std::nullopt, 5, later).empty());
  EXPECT_TRUE(learned(4, 6, 4, 3, later).empty()) << "one was lost";
  EXPECT_TRUE(learned(4, 6, 4, 4, later).empty());
  EXPECT_TRUE(learned(4, 3, 4, 5, later).empty());
  EXPECT_EQ(learned(4, 6, 4, 5, kStart + absl::Minutes(15)), std::vector<double>{900});
  EXPECT_TRUE(learned(4, 6, 4, 5, kStart + absl::Minutes(15) + absl::Seconds(1)).empty());

  StartupMemory memory;
  NoteChange(4, 6, 4, kStart, memory);
  LearnStartup(std::nullopt, later, memory);
  LearnStartup(4, kStart + absl::Minutes(15), memory);
  EXPECT_TRUE(memory.seconds.empty()) << "none is there yet";
  LearnStartup(4, kStart + absl::Minutes(16), memory);
  LearnStartup(5, kStart + absl::Minutes(17), memory);
  EXPECT_TRUE(memory.seconds.empty()) << "nobody followed the recommendation";
  NoteChange(5, 6, 5, kStart, memory);
  NoteChange(6, 5, 5, kStart, memory);
  LearnStartup(6, later, memory);
  EXPECT_TRUE(memory.seconds.empty()) << "taken back";
  NoteChange(5, 6, 5, kStart, memory);
  NoteChange(6, 8, 5, later, memory);
  LearnStartup(6, later, memory);
  EXPECT_EQ(memory.seconds, std::vector<double>{90})
      << "the first recommendation is what it answers";
}

TEST(Startup, LeadTimeIsLearnedOnlyIfAuto) {
  Policy policy;
  Set(policy, "proc.sizing.lead", "auto");
  Set(policy, "ingress.sizing.lead", "45s");
  EXPECT_EQ(LeadOf(policy.proc.sizing.lead, std::nullopt), absl::Seconds(90));
  EXPECT_EQ(LeadOf(policy.proc.sizing.lead, 150), absl::Seconds(150));
  EXPECT_EQ(LeadOf(policy.ingress.sizing.lead, 150), absl::Seconds(45));
}

// The new processor lives 30 s after it was recommended, and prepares its applications for 60 s
// more.
TEST(Startup, EndsWhenNewReplicaTakesWork) {
  Player player;
  const auto play = [&](int ticks, double current, double idle) {
    player.Play(ticks, [&](Signals& s) {
      s.proc.current_replicas = current;
      s.proc.idle_replicas = idle;
      s.proc.waiting = 5;
      s.proc.queue_total = 13;
      s.proc.queue_capacity = 200;
    });
  };
  play(1, 2, 0);
  player.state.proc.startup = {.asked_at = player.now, .before = 2};
  play(2, 2, 0);
  play(4, 3, 1);
  EXPECT_TRUE(player.state.proc.startup.seconds.empty());
  play(1, 3, 0);
  EXPECT_EQ(player.state.proc.startup.seconds, std::vector<double>{90});
}

// Streams grow by four a tick, and what is recommended runs two minutes later: 120 s = 8 ticks.
TEST(Startup, LoadAheadUsesLearnedStartupTime) {
  const auto play = [](const char* lead) {
    Player player;
    Set(player.policy, "ingress.sizing.lead", lead);
    std::vector<int> recommended;
    double streams = 100;
    player.Play(400, [&](Signals& signals) {
      streams += 4;
      const int ready = recommended.size() > 6 ? recommended[recommended.size() - 7] : 2;
      signals.ingress.streams = streams;
      signals.ingress.current_replicas = ready;
      signals.ingress.stream_capacity = 100 * ready;
      recommended.push_back(player.ingress().desired.value_or(2));
    });
    const SizingReport sizing = player.ingress().sizing;
    EXPECT_EQ(sizing.startup_seconds, 120) << lead;
    return (*sizing.ahead - *sizing.demand) / 4 * 15;
  };
  EXPECT_NEAR(play("30s"), 30, 0.01);
  EXPECT_NEAR(play("auto"), 120, 0.01);
}

}  // namespace
}  // namespace chatscale::recommender
