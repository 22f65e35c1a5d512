#include "exporter/loop/poll_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "exporter/files/log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/gate.h"

namespace chatscale {
namespace {

using testing::HasSubstr;
using testing::Not;

// Answers with the number of its collections as the queue's depth, or hangs, or fails.
class FakeSource : public SnapshotSource {
 public:
  std::vector<TargetSample> Collect(absl::Time, absl::Duration) override {
    const int round = ++rounds;
    if (hang) {
      if (progress != nullptr) progress->At("hang in t/p", {"t", "p"});
      go_on.Wait(absl::Minutes(1));
    }
    SourceSample part;
    part.source = "fake";
    if (fail) {
      part.snapshot = KindError(ErrorKind::kConnect, "refused");
    } else {
      Snapshot snapshot;
      snapshot.queue.total = round;
      part.snapshot = snapshot;
    }
    if (targets == 1) return {TargetSample{{"t", "p"}, {part}}};
    std::vector<TargetSample> samples;
    for (int i = 0; i < targets; ++i) samples.push_back({{"t", std::to_string(i)}, {part}});
    return samples;
  }
  void SetProgress(Progress* of_loop) override { progress = of_loop; }

  std::atomic<int> rounds{0};
  int targets = 1;
  Progress* progress = nullptr;
  std::atomic<bool> hang{false};
  std::atomic<bool> fail{false};
  Gate go_on;
};

constexpr absl::Duration kLong = absl::Hours(1);

PollLoopOptions Options() {
  return {.mode = "proxy", .interval = kLong, .max_age = absl::Seconds(75)};
}

std::string TextOf(const Publication& publication) { return *publication.exposition->text(); }

// Waits until the loop has ended its first collection.
void AwaitFirst(PollLoop& loop) {
  for (int i = 0; i < 1'000; ++i) {
    if (!loop.Read(kLong, absl::ZeroDuration()).view->targets.empty()) return;
    absl::SleepFor(absl::Milliseconds(5));
  }
  FAIL() << "no collection";
}

TEST(PollLoop, PublishesWithoutTargetsBeforeTheFirstCollection) {
  FakeSource source;
  FakeClock clock;
  PollLoop loop(Options(), &source, &clock);
  const Publication first = loop.Read(kLong, absl::ZeroDuration());
  EXPECT_TRUE(first.view->targets.empty());
  EXPECT_THAT(TextOf(first), HasSubstr("chat_exporter_build_info"));
}

TEST(PollLoop, CollectsAtStart) {
  FakeSource source;
  FakeClock clock;
  PollLoop loop(Options(), &source, &clock);
  loop.Start();
  AwaitFirst(loop);
  EXPECT_THAT(TextOf(loop.Read(kLong, absl::ZeroDuration())),
              HasSubstr("chat_proc_queue_total{tenant=\"t\",project=\"p\"} 1\n"));
}

TEST(PollLoop, ConcurrentReadsOfStaleViewShareOneCollection) {
  FakeSource source;
  FakeClock clock;
  PollLoop loop(Options(), &source, &clock);
  loop.Start();
  AwaitFirst(loop);
  clock.now_ms += 11'000;
  std::vector<std::thread> readers;
  std::atomic<int> fresh{0};
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      const Publication read = loop.Read(absl::Seconds(10), absl::Seconds(10));
      if (read.view->built_at == clock.Now()) ++fresh;
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(fresh, 8);
  EXPECT_EQ(source.rounds, 2);
}

TEST(PollLoop, HungSourceDelaysReadsOnlyOnce) {
  FakeSource source;
  FakeClock clock;
  PollLoop loop(Options(), &source, &clock);
  loop.Start();
  AwaitFirst(loop);
  source.hang = true;
  clock.now_ms += 20'000;
  const absl::Time start = absl::Now();
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(TextOf(loop.Read(absl::Seconds(10), absl::Milliseconds(40))),
                HasSubstr("chat_proc_queue_total{tenant=\"t\",project=\"p\"} 1\n"));
  }
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));  // 50 x 40 ms would be two
  source.go_on.Open();
}

TEST(PollLoop, ReportsTheStepOfAHungCycle) {
  FakeSource source;
  FakeClock clock;
  PollLoopOptions options = Options();
  options.longest_cycle = absl::Milliseconds(50);
  PollLoop loop(options, &source, &clock);
  EXPECT_EQ(loop.Stalled(), std::nullopt);
  source.hang = true;
  testing::internal::CaptureStderr();
  loop.Start();
  std::optional<std::string> stalled;
  for (int i = 0; i < 1'000 && !stalled; ++i) {
    absl::SleepFor(absl::Milliseconds(5));
    stalled = loop.Stalled();
  }
  EXPECT_THAT(stalled, testing::Optional(HasSubstr("a cycle has not ended")));
  EXPECT_TRUE(loop.Stalled());
  source.go_on.Open();
  AwaitFirst(loop);
  for (int i = 0; i < 1'000 && loop.Stalled(); ++i) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(loop.Stalled(), std::nullopt);
  loop.Stop(absl::Seconds(10));
  FlushLog();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("step=\"hang in t/p\" target=t/p"));
  EXPECT_EQ(log.find("does not end"), log.rfind("does not end")) << "once";
}

TEST(PollLoop, LogsOneLineForManyTargets) {
  FakeSource source;
  FakeClock clock;
  source.targets = 20;
  PollLoop loop(Options(), &source, &clock);
  testing::internal::CaptureStderr();
  loop.CollectOnce();
  source.fail = true;
  loop.CollectOnce();
  FlushLog();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(log, '\n'), 2) << log;
  EXPECT_THAT(log, HasSubstr("msg=\"source up\" source=fake target=\"t/0 and 19 more\""));
  EXPECT_THAT(log, HasSubstr("error=refused"));
}

TEST(PollLoop, StaleValuesOfHungSourceAreAbsent) {
  FakeSource source;
  FakeClock clock;
  PollLoop loop(Options(), &source, &clock);
  loop.Start();
  AwaitFirst(loop);
  source.hang = true;
  clock.now_ms += 76'000;
  const Publication read = loop.Read(absl::Seconds(10), absl::ZeroDuration());
  EXPECT_THAT(TextOf(read), Not(HasSubstr("chat_proc_queue_total")));
  EXPECT_THAT(TextOf(read), HasSubstr("chat_exporter_build_info"));
  EXPECT_FALSE(read.view->targets.at(0).snapshot.has_value());
  source.go_on.Open();
}

// What is then of a time to come is as old as it is ahead.
TEST(PollLoop, ClockSetBackDoesNotKeepValuesFresh) {
  FakeSource source;
  FakeClock clock;
  PollLoop loop(Options(), &source, &clock);
  loop.Start();
  AwaitFirst(loop);
  clock.now_ms -= 3'600'000;
  const Publication read = loop.Read(kLong / 2, absl::Seconds(10));
  EXPECT_EQ(read.view->built_at, clock.Now());
  EXPECT_EQ(source.rounds, 2);
  source.hang = true;
  clock.now_ms -= 3'600'000;
  EXPECT_THAT(TextOf(loop.Read(kLong / 2, absl::ZeroDuration())),
              Not(HasSubstr("chat_proc_queue_total")));
  source.go_on.Open();
}

TEST(PollLoop, HoldsThenOmitsTheValuesOfAFailingSource) {
  FakeSource source;
  FakeClock clock;
  PollLoop loop(Options(), &source, &clock);
  loop.CollectOnce();
  source.fail = true;
  clock.now_ms += 75'000;
  loop.CollectOnce();
  std::string text = TextOf(loop.Read(kLong, absl::ZeroDuration()));
  EXPECT_THAT(text, HasSubstr("chat_proc_queue_total{tenant=\"t\",project=\"p\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kind=\"connect\"} 1\n"));
  clock.now_ms += 1'000;
  loop.CollectOnce();
  text = TextOf(loop.Read(kLong, absl::ZeroDuration()));
  EXPECT_THAT(text, Not(HasSubstr("chat_proc_queue_total")));
  EXPECT_THAT(text, HasSubstr("kind=\"connect\"} 2\n"));
}

// Nothing is collected for an hour; what a scrape sees of ages and of the process goes on.
TEST(PollLoop, AgesAndProcessMetricsAreOfScrapeTime) {
  FakeSource source;
  FakeClock clock;
  PollLoopOptions options = Options();
  prometheus::Gauge& connections = options.self->Gauge("chat.exporter.http_connections").Add({});
  connections.Set(1);
  PollLoop loop(options, &source, &clock);
  loop.CollectOnce();
  const std::string first = TextOf(loop.Read(kLong, absl::ZeroDuration()));
  EXPECT_THAT(first,
              HasSubstr("snapshot_age_seconds{tenant=\"t\",project=\"p\",source=\"fake\"} 0\n"));
  EXPECT_THAT(first, HasSubstr("\nchat_exporter_http_connections 1\n"));
  EXPECT_THAT(first, HasSubstr("\nprocess_resident_memory_bytes "));
  connections.Set(7);
  clock.now_ms += 30'000;
  const std::string later = TextOf(loop.Read(kLong, absl::ZeroDuration()));
  EXPECT_THAT(later,
              HasSubstr("snapshot_age_seconds{tenant=\"t\",project=\"p\",source=\"fake\"} 30\n"));
  EXPECT_THAT(later, HasSubstr("\nchat_exporter_http_connections 7\n"));
  EXPECT_THAT(later, HasSubstr("\nchat_proc_queue_total{tenant=\"t\",project=\"p\"} 1\n"));
}

TEST(PollLoop, StopDoesNotWaitForHungSource) {
  FakeSource source;
  FakeClock clock;
  source.hang = true;
  PollLoop loop(Options(), &source, &clock);
  loop.Start();
  while (source.rounds == 0) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_FALSE(loop.Stop(absl::Milliseconds(50)));
  source.go_on.Open();
  EXPECT_TRUE(loop.Stop(absl::Seconds(5)));
}

}  // namespace
}  // namespace chatscale
