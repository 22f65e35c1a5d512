#include "bench/closed_loop.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace chatscale {
namespace {

// Two hours of minutes at a rate of one, `peak` in some of them.
Trace WithPeak(double peak, std::size_t minutes) {
  Trace trace{"t", 60, std::vector<double>(120, 1.0)};
  for (std::size_t i = 90; i < 90 + minutes; ++i) trace.rates[i] = peak;
  return trace;
}

TEST(FlashCrowds, BeginAtTwiceTheHourlyMean) {
  const auto count = [](const Trace& trace) {
    const std::vector<bool> flash = FlashCrowds(trace);
    return std::count(flash.begin(), flash.end(), true);
  };
  EXPECT_EQ(count(WithPeak(2, 10)), 0);
  EXPECT_EQ(count(WithPeak(2.1, 1)), 5) << "the minute, and until five are over";
  EXPECT_TRUE(FlashCrowds(WithPeak(3, 1))[90]);
  EXPECT_FALSE(FlashCrowds(WithPeak(3, 1))[89]);
  EXPECT_EQ(count(WithPeak(3, 15)), 19) << "the 15th: mean of the hour 88 / 60, doubled 2.93";
}

TEST(Oracle, ScalesOutAtOnceAndInAfterTenMinutes) {
  const Trace trace = WithPeak(2, 1);
  const auto oracle = Oracle(trace, 1.2);
  TraceModel model(1, {1, 1});
  EXPECT_EQ(oracle->Want(0, model).proc, 9) << "60 tasks, 1.2 times, on 8 slots";
  EXPECT_EQ(oracle->Want(90 * 60, model).proc, 18);
  EXPECT_EQ(oracle->Want(99 * 60, model).proc, 18);
  EXPECT_EQ(oracle->Want(100 * 60, model).proc, 9);
}

// What start-up time makes bad: without it the oracle serves nearly everybody.
TEST(ClosedLoop, LongerStartupCausesMoreLongWaits) {
  const Trace trace = WithPeak(3, 20);
  const auto bad = [&](double start_up) {
    LoopSettings settings;
    settings.queue.start_up_seconds = start_up;
    return Play(trace, *Oracle(trace, 1.5), settings).proc;
  };
  EXPECT_LT(bad(0).bad, 0.01);
  EXPECT_GT(bad(90).bad, 0.03);
  EXPECT_GT(bad(90).flash, 0.9 * bad(90).bad);
  EXPECT_GT(bad(240).bad, bad(90).bad);
}

TEST(ClosedLoop, TweakOverridesSignals) {
  const Trace trace = WithPeak(3, 20);
  int ticks = 0;
  const auto blind = Recommender({}, [&](recommender::Signals& signals, recommender::State&) {
    ++ticks;
    signals.proc = {};
  });
  const LoopResult result = Play(trace, *blind, {});
  EXPECT_EQ(ticks, 120 * 4);
  EXPECT_EQ(result.proc.changes, 0);
}

}  // namespace
}  // namespace chatscale
