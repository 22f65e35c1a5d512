#include "exporter/sinks/sink_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <stdexcept>

#include "absl/time/clock.h"
#include "tests/support/gate.h"

namespace chatscale {
namespace {

// Does what the test tells it to.
struct FakeSink : Sink {
  std::function<absl::Status(const Publication&)> deliver;
  std::atomic<int>* ends = nullptr;

  std::string_view name() const override { return "fake"; }
  absl::Status Deliver(const Publication& publication, absl::Duration) override {
    return deliver(publication);
  }
  absl::Status End(absl::Duration) override {
    if (ends != nullptr) ++*ends;
    return absl::OkStatus();
  }
};

Publication Of(const std::string& mode) {
  auto view = std::make_shared<View>();
  view->mode = mode;
  Publication publication;
  publication.view = std::move(view);
  return publication;
}

SinkStats WaitFor(const SinkThread& thread, std::uint64_t deliveries) {
  SinkStats stats;
  for (int i = 0; i < 2000; ++i) {
    stats = thread.Stats();
    if (stats.delivered + stats.failed >= deliveries) break;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return stats;
}

TEST(SinkThread, OneThatHangsHoldsUpNobodyAndGetsTheNewestNext) {
  Gate entered, open;
  std::vector<std::string> taken;
  auto sink = std::make_unique<FakeSink>();
  sink->deliver = [&](const Publication& publication) {
    entered.Open();
    open.Wait(absl::Seconds(30));
    taken.push_back(publication.view->mode);
    return absl::OkStatus();
  };
  SinkThread thread(std::move(sink), absl::Seconds(1), &SystemClock());
  EXPECT_EQ(thread.Stats().up, std::nullopt);
  thread.Offer(Of("first"));
  ASSERT_TRUE(entered.Wait(absl::Seconds(30)));
  for (const char* mode : {"second", "third", "fourth"}) thread.Offer(Of(mode));
  EXPECT_FALSE(thread.Stop(absl::ZeroDuration()));
  open.Open();
  EXPECT_TRUE(thread.Stop(absl::Seconds(10)));
  EXPECT_EQ(thread.Stats().skipped, 2);
  EXPECT_EQ(taken, (std::vector<std::string>{"first"}));  // nothing more after Stop
}

TEST(SinkThread, FailuresAndExceptionsAreCountedAndTriedAgain) {
  int call = 0;
  std::atomic<int> ends = 0;
  auto sink = std::make_unique<FakeSink>();
  sink->ends = &ends;
  sink->deliver = [&](const Publication&) -> absl::Status {
    if (++call == 1) return absl::UnavailableError("full");
    if (call == 2) throw std::runtime_error("a library's");
    return absl::OkStatus();
  };
  SinkThread thread(std::move(sink), absl::Seconds(1), &SystemClock());
  thread.Offer(Of("a"));
  EXPECT_EQ(WaitFor(thread, 1).up, false);
  EXPECT_EQ(thread.Stats().last_success, absl::InfinitePast());
  thread.Offer(Of("b"));
  EXPECT_EQ(WaitFor(thread, 2).failed, 2);
  thread.Offer(Of("c"));
  const SinkStats stats = WaitFor(thread, 3);
  EXPECT_EQ(stats.sink, "fake");
  EXPECT_EQ(stats.up, true);
  EXPECT_EQ(stats.delivered, 1);
  EXPECT_GT(stats.last_success, absl::UnixEpoch());
  EXPECT_TRUE(thread.Stop(absl::Seconds(10)));
  EXPECT_EQ(ends, 1);
}

}  // namespace
}  // namespace chatscale
