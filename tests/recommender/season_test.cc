#include "recommender/season.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "recommender/explain.h"
#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

constexpr absl::Duration kBin = absl::Minutes(5), kAhead = absl::Minutes(2);
constexpr int kDay = 288;

using Load = std::function<double(int bin)>;

// Ticks of a minute, from midnight on; the load is that of the tick's five minutes, and known
// without a forecast is the load of now.
struct Season {
  SeasonMemory memory;
  absl::Time now = absl::FromUnixSeconds(1'700'006'400);
  int minute = 0;

  void Play(int bins, const Load& load) {
    for (int i = 0; i < 5 * bins; ++i, ++minute, now += absl::Minutes(1)) {
      const double value = load(minute / 5);
      LearnSeason(value, value, kAhead, now, memory);
    }
  }
  // Played until the next forecast is of that five minutes of the day.
  std::optional<Forecast> Of(int bin, const Load& load) {
    while (minute % (5 * kDay) != 5 * bin - 1) {
      LearnSeason(load(minute / 5), load(minute / 5), kAhead, now, memory);
      ++minute;
      now += absl::Minutes(1);
    }
    LearnSeason(load(minute / 5), load(minute / 5), kAhead, now, memory);
    return ForecastOf(memory);
  }
};

double Office(int bin) { return bin % kDay >= 100 && bin % kDay < 200 ? 50 : 10; }

TEST(Season, IsUnknownUntilTwoDaysAreKnown) {
  Season season;
  EXPECT_EQ(ForecastOf(season.memory), std::nullopt);
  season.Play(kDay + 150, Office);
  EXPECT_EQ(ForecastOf(season.memory), std::nullopt);
  season.Play(kDay, Office);
  ASSERT_TRUE(ForecastOf(season.memory).has_value());
  EXPECT_EQ(ForecastOf(season.memory)->load, 50);
  EXPECT_FALSE(ForecastOf(season.memory)->trusted) << "nothing was judged yet";
}

TEST(Season, IsTrustedOnceItHelped) {
  Season season;
  season.Play(4 * kDay, Office);
  const auto rise = season.Of(100, Office);
  EXPECT_EQ(rise->load, 50) << "while 10 are measured";
  EXPECT_TRUE(rise->trusted);
  EXPECT_GT(rise->score.HelpedSlots(), 0);
  EXPECT_EQ(rise->score.IdleSlots(), 0);
  EXPECT_EQ(season.Of(200, Office)->load, 10);
}

TEST(Season, ScoreDecaysOverTwoDays) {
  Season season;
  season.Play(4 * kDay, Office);
  // Of the five minutes from 576 on there was a forecast, the last that is over is 1150; it helped
  // with 40 slots in the 676th and the 964th.
  const auto kept = [](int bins) { return std::exp(-bins / 576.0); };
  const SeasonScore& score = season.memory.scores[0];
  EXPECT_NEAR(score.judged, (1 - kept(575)) / (1 - kept(1)), 1e-6);
  EXPECT_NEAR(score.helped, 40 * kept(1150 - 676) + 40 * kept(1150 - 964), 1e-6);
  EXPECT_EQ(score.idle, 0);
  EXPECT_EQ(score.HelpedSlots(), score.helped / score.judged);
}

TEST(Season, HelpedSlotsCountTwiceIdleSlots) {
  const auto of = [](SeasonScore day, SeasonScore week) {
    SeasonMemory memory;
    memory.foreseen = {{5, 1, {7, 8}}};
    memory.scores = {day, week};
    return *ForecastOf(memory);
  };
  const SeasonScore none;
  EXPECT_TRUE(of({1, 1.99, 144}, none).trusted);
  EXPECT_FALSE(of({1, 2, 144}, none).trusted);
  EXPECT_FALSE(of({1, 1.99, 143.9}, none).trusted) << "judged for half a day only";
  EXPECT_TRUE(of({0.4, 0.1, 144}, none).trusted);
  EXPECT_EQ(of({1, 1, 144}, {2, 1, 144}).load, 8);
  EXPECT_EQ(of({2, 1, 144}, {1, 1, 144}).load, 7);
  EXPECT_EQ(of({1, 1, 144}, {1, 1, 144}).load, 7) << "the day, where both are as good";
  EXPECT_EQ(of({1, 3, 144}, {1, 4, 144}).load, 7) << "or less bad";
}

TEST(Season, ForecastsUseTheLastSevenDays) {
  Season season;
  season.Play(8 * kDay, [](int bin) {
    return std::array<double, 8>{
        5, 900, 10, 20, 30, 40, 50, 60}[static_cast<std::size_t>(bin / kDay)];
  });
  const auto quiet = [](int) { return 0.0; };
  season.Of(100, quiet);
  EXPECT_EQ(season.memory.foreseen.back().loads[0], 40) << "median";
  EXPECT_EQ(season.memory.foreseen.back().loads[1], 60) << "900 a week ago, but never since";
}

TEST(Season, ZeroIsALoad) {
  Season season;
  const auto nothing = [](int bin) { return bin < 3 * kDay ? 0.0 : 0.5; };
  season.Play(9 * kDay, nothing);
  EXPECT_EQ(season.Of(100, nothing)->load, 0.5);
  EXPECT_EQ(season.memory.foreseen.back().loads[1], 0) << "a week ago";
  Season idle;
  idle.Play(3 * kDay, [](int) { return 0.0; });
  ASSERT_TRUE(ForecastOf(idle.memory).has_value());
  EXPECT_EQ(ForecastOf(idle.memory)->load, 0);
}

TEST(Season, OneTickInFiveMinutesIsEnough) {
  SeasonMemory memory;
  absl::Time now = kStart;
  for (int i = 0; i < 2 * kDay + 1; ++i, now += kBin) LearnSeason(20, 20, kAhead, now, memory);
  ASSERT_TRUE(ForecastOf(memory).has_value());
  EXPECT_EQ(ForecastOf(memory)->load, 20);
}

TEST(Season, IsUntrustedAfterWrongForecasts) {
  Season season;
  season.Play(5 * kDay, Office);
  ASSERT_TRUE(season.Of(100, Office)->trusted);
  const auto never = [](int) { return 10.0; };
  season.Play(kDay, never);
  EXPECT_FALSE(season.Of(100, never)->trusted) << "a day off";
  EXPECT_GT(season.Of(100, never)->score.IdleSlots(), 0);
  season.Play(20 * kDay, Office);
  EXPECT_TRUE(season.Of(100, Office)->trusted) << "forgotten";
}

TEST(Season, TakesTheMedianOfTheDays) {
  Season season;
  season.Play(5 * kDay, [](int bin) { return 10.0 + 10 * (bin / kDay); });
  const auto quiet = [](int) { return 0.0; };
  EXPECT_EQ(season.Of(100, quiet)->load, 30) << "of 10 to 50";
  Season surge;
  surge.Play(6 * kDay, [](int bin) { return bin / kDay == 3 ? 900 : 10; });
  EXPECT_EQ(surge.Of(100, Office)->load, 10) << "one day that was different";
}

// Five days of work and two of rest: the median knows no weekend, the week does.
TEST(Season, UsesTheBetterOfDailyAndWeekly) {
  const auto week = [](int bin) { return bin / kDay % 7 < 5 ? Office(bin) : 10; };
  Season season;
  season.Play(21 * kDay, week);
  EXPECT_EQ(season.Of(100, week)->load, 50) << "on a Monday, after two days of rest";
  season.Play(4 * kDay + kDay / 2, week);
  EXPECT_EQ(season.Of(100, week)->load, 10) << "on a Saturday";
  EXPECT_TRUE(ForecastOf(season.memory)->trusted);
}

TEST(Season, OutlierDayIsNotForecastAWeekLater) {
  Season season;
  season.Play(14 * kDay, [](int bin) { return bin / kDay == 7 ? 900 : 10; });
  const auto quiet = [](int) { return 10.0; };
  EXPECT_EQ(season.Of(100, quiet)->load, 10);
}

TEST(Season, UnmeasuredTimeIsUnknown) {
  Season season;
  season.Play(3 * kDay, Office);
  season.now += 3 * absl::Hours(24);
  season.Play(100, Office);
  EXPECT_EQ(season.Of(150, Office)->load, 50);
  season.now += 9 * absl::Hours(24);
  season.Play(1, Office);
  EXPECT_EQ(ForecastOf(season.memory), std::nullopt) << "all is older than eight days";
}

TEST(Season, GapClearsValuesOfEightDaysAgo) {
  Season season;
  season.Play(9 * kDay, Office);
  season.now += 50 * kBin;
  season.Play(1, Office);
  const auto unknown = [](double load) { return load < 0; };
  EXPECT_EQ(std::ranges::count_if(season.memory.loads, unknown), 51)
      << "the gap, and what is measured now";
  const auto place = static_cast<std::size_t>((season.memory.bin - 1) % (8 * kDay));
  EXPECT_LT(season.memory.loads[place], 0);
}

TEST(Season, SurvivesClockSetBackAndResizedState) {
  Season season;
  season.Play(4 * kDay, Office);
  season.now -= 10 * kBin;
  season.Play(1, Office);
  ASSERT_EQ(season.memory.foreseen.size(), 2u);
  EXPECT_LE(season.memory.foreseen.back().bin, absl::ToUnixSeconds(season.now + kAhead) / 300)
      << "nothing of the time before";
  season.memory.count = 0;
  season.Play(1, Office);
  const auto before = static_cast<std::size_t>((season.memory.bin - 1) % (8 * kDay));
  EXPECT_EQ(season.memory.loads[before], 10) << "not the mean of nothing";
  season.memory.loads.resize(7);
  season.Play(1, Office);
  EXPECT_EQ(season.memory.loads.size(), 8u * kDay);
  EXPECT_EQ(ForecastOf(season.memory), std::nullopt);
}

TEST(Season, KeepsThreeDigits) {
  Season season;
  season.Play(2, [](int) { return 123.456; });
  season.Play(1, [](int) { return 15.5999; });
  season.Play(2, [](int) { return 0.0123456; });
  season.Play(2, [](int) { return 0.0; });
  std::vector<double> kept;
  for (const double load : season.memory.loads) {
    if (load >= 0) kept.push_back(load);
  }
  EXPECT_EQ(kept, (std::vector<double>{123, 123, 15.6, 0.0123, 0.0123, 0}));
}

// A processor whose load rises fivefold at the same time each day, on the fifth of them just before
// that.
Player BeforeTheRise(const char* seasons, std::string& sentence) {
  Player player;
  Set(player.policy, "proc.sizing.seasons", seasons);
  Set(player.policy, "proc.out.trigger.enabled", "true");
  player.now = absl::FromUnixSeconds(1'700'006'400);
  player.interval = absl::Minutes(1);
  for (int minute = 0; minute < 5 * (4 * kDay + 100); ++minute) {
    player.Play(1, [&](Signals& signals) {
      const double busy = Office(minute / 5);
      ProcSignals& proc = signals.proc;
      proc.current_replicas = player.proc().desired.value_or(2);
      proc.busy_slots = proc.queue_total = busy;
      proc.completed = busy * 60 / 22;
      proc.exec_p50_seconds = proc.exec_p95_seconds = 22;
      proc.queue_capacity = 31 * *proc.current_replicas;
      proc.wait_p95_seconds = 0.1;
    });
    if (player.proc().decision == Decision::kScaleOut) sentence = Explain(player.proc());
  }
  return player;
}

TEST(Season, ScalesOutBeforeTheRise) {
  std::string sentence;
  const Recommendation without = BeforeTheRise("false", sentence).proc();
  EXPECT_FALSE(without.sizing.forecast.has_value());
  EXPECT_LT(*without.desired * 8, 50);
  const Recommendation with = BeforeTheRise("true", sentence).proc();
  EXPECT_EQ(with.sizing.demand, 10) << "the rise has not come";
  EXPECT_TRUE(with.sizing.by_forecast);
  EXPECT_NEAR(*with.sizing.forecast, 50, 4);
  EXPECT_GT(*with.desired * 8, 50);
  EXPECT_EQ(sentence.substr(0, sentence.find(';')),
            "proc: 2 → 8 replicas: 144 tasks a minute expected, as on earlier days at this time, "
            "would make 100 % wait too long");
}

}  // namespace
}  // namespace chatscale::recommender
