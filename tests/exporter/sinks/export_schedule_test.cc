#include "exporter/sinks/export_schedule.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "absl/time/clock.h"
#include "exporter/sinks/sink_thread.h"

namespace chatscale {
namespace {

// Waits until `count` reaches `wanted`.
bool Await(const std::atomic<std::uint64_t>& count, std::uint64_t wanted) {
  for (int i = 0; i < 4000 && count < wanted; ++i) absl::SleepFor(absl::Milliseconds(5));
  return count >= wanted;
}

TEST(ExportSchedule, RunsAgainAfterAnException) {
  std::atomic<std::uint64_t> runs = 0;
  ExportSchedule schedule({.interval = absl::Milliseconds(20),
                           .run =
                               [&] {
                                 if (++runs % 2 == 0) throw std::runtime_error("a library's");
                               },
                           .missed = [](std::uint64_t) {}});
  schedule.Start();
  EXPECT_TRUE(Await(runs, 6));
  schedule.Stop();
  const std::uint64_t stopped = runs;
  absl::SleepFor(absl::Milliseconds(60));
  EXPECT_EQ(runs, stopped);
}

TEST(ExportSchedule, CountsMissedExports) {
  std::atomic<std::uint64_t> runs = 0, missed = 0, under_way = 0;
  ExportSchedule schedule({.interval = absl::Milliseconds(40),
                           .run =
                               [&] {
                                 EXPECT_EQ(++under_way, 1) << "overlaps itself";
                                 if (++runs == 1) absl::SleepFor(absl::Milliseconds(140));
                                 --under_way;
                               },
                           .missed = [&](std::uint64_t count) { missed += count; }});
  schedule.Start();
  EXPECT_TRUE(Await(runs, 3));
  EXPECT_GE(missed, 3);  // at 40, 80 and 120 ms
}

TEST(ExportSchedule, FirstExportCanWaitForTheInterval) {
  std::atomic<std::uint64_t> runs = 0;
  const absl::Time begun = absl::Now();
  ExportSchedule schedule({.interval = absl::Milliseconds(100),
                           .on_start = false,
                           .run = [&] { ++runs; },
                           .missed = [](std::uint64_t) {}});
  schedule.Start();
  EXPECT_TRUE(Await(runs, 1));
  EXPECT_GE(absl::Now() - begun, absl::Milliseconds(100));
}

TEST(Backoff, DoublesWithJitter) {
  bool differs = false;
  absl::Duration last;
  for (int i = 0; i < 100; ++i) {
    Backoff backoff(absl::Seconds(1), absl::Seconds(3));
    for (const double whole : {1.0, 2.0, 3.0, 3.0}) {
      const absl::Duration pause = backoff.Next();
      EXPECT_GE(pause, absl::Seconds(whole / 2));
      EXPECT_LE(pause, absl::Seconds(whole));
      differs = differs || (i > 0 && pause != last);
      last = pause;
    }
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace chatscale
