#include "exporter/sinks/sink_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
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

// What was counted of the sink.
struct Deliveries {
  MaybeNumber up, last_success;
  double delivered = 0, failed = 0, skipped = 0, retries = 0;
};

Deliveries Read(const SelfMetrics& self) {
  const std::vector<prometheus::MetricFamily> families = self.Collect();
  const auto of = [&](const std::string& name) {
    return ValueIn(families, "chat.exporter.sink_" + name, {{"sink", "fake"}});
  };
  const auto deliveries = [&](const char* result) {
    return ValueIn(families, "chat.exporter.sink_deliveries_total",
                   {{"sink", "fake"}, {"result", result}})
        .value();
  };
  return {of("up"),
          of("last_success_timestamp_seconds"),
          deliveries("delivered"),
          deliveries("failed"),
          deliveries("skipped"),
          of("retries_total").value()};
}

Deliveries WaitFor(const SelfMetrics& self, double deliveries) {
  Deliveries read;
  for (int i = 0; i < 2000; ++i) {
    read = Read(self);
    if (read.delivered + read.failed >= deliveries) break;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return read;
}

TEST(SinkThread, HungSinkDoesNotBlockAndSkipsStalePublications) {
  Gate entered, open;
  std::vector<std::string> taken;
  auto sink = std::make_unique<FakeSink>();
  sink->deliver = [&](const Publication& publication) {
    entered.Open();
    open.Wait(absl::Seconds(30));
    taken.push_back(publication.view->mode);
    return absl::OkStatus();
  };
  const auto self = std::make_shared<SelfMetrics>();
  SinkThread thread(std::move(sink), {.timeout = absl::Seconds(1)}, &SystemClock(), self);
  EXPECT_EQ(Read(*self).up, std::nullopt);
  thread.Offer(Of("first"));
  ASSERT_TRUE(entered.Wait(absl::Seconds(30)));
  for (const char* mode : {"second", "third", "fourth"}) thread.Offer(Of(mode));
  EXPECT_FALSE(thread.Stop(absl::ZeroDuration()));
  open.Open();
  EXPECT_TRUE(thread.Stop(absl::Seconds(10)));
  EXPECT_EQ(Read(*self).skipped, 2);
  EXPECT_EQ(taken, (std::vector<std::string>{"first"}));  // nothing more after Stop
}

TEST(SinkThread, CountsFailuresAndExceptionsAndContinues) {
  int call = 0;
  std::atomic<int> ends = 0;
  auto sink = std::make_unique<FakeSink>();
  sink->ends = &ends;
  sink->deliver = [&](const Publication&) -> absl::Status {
    if (++call == 1) return absl::UnavailableError("full");
    if (call == 2) throw std::runtime_error("a library's");
    return absl::OkStatus();
  };
  const auto self = std::make_shared<SelfMetrics>();
  SinkThread thread(std::move(sink), {.timeout = absl::Seconds(1)}, &SystemClock(), self);
  thread.Offer(Of("a"));
  EXPECT_EQ(WaitFor(*self, 1).up, 0);
  EXPECT_EQ(Read(*self).last_success, std::nullopt);
  thread.Offer(Of("b"));
  EXPECT_EQ(WaitFor(*self, 2).failed, 2);
  thread.Offer(Of("c"));
  const Deliveries stats = WaitFor(*self, 3);
  EXPECT_EQ(stats.up, 1);
  EXPECT_EQ(stats.delivered, 1);
  EXPECT_GT(stats.last_success, 0);
  EXPECT_TRUE(thread.Stop(absl::Seconds(10)));
  EXPECT_EQ(ends, 1);
}

// Retries for up to ten seconds, beginning with pauses of about a second.
struct Retrying {
  std::atomic<int> calls = 0;
  std::shared_ptr<SelfMetrics> self = std::make_shared<SelfMetrics>();
  std::unique_ptr<SinkThread> thread;

  explicit Retrying(std::function<absl::Status(int call)> answer, absl::Duration retry_for) {
    auto sink = std::make_unique<FakeSink>();
    sink->deliver = [this, answer = std::move(answer)](const Publication&) {
      return answer(++calls);
    };
    const SinkThreadOptions options{.timeout = absl::Seconds(1), .retry_for = retry_for};
    thread = std::make_unique<SinkThread>(std::move(sink), options, &SystemClock(), self);
  }
};

TEST(SinkThread, RetriesTransientErrors) {
  Retrying retrying(
      [](int call) {
        return call < 3 ? absl::ResourceExhaustedError("throttled") : absl::OkStatus();
      },
      absl::Seconds(4));
  retrying.thread->Offer(Of("a"));
  const Deliveries stats = WaitFor(*retrying.self, 1);
  EXPECT_EQ(stats.delivered, 1);
  EXPECT_EQ(stats.failed, 0);
  EXPECT_EQ(stats.retries, 2);
  EXPECT_EQ(retrying.calls, 3);
}

TEST(SinkThread, DoesNotRetryRejections) {
  Retrying retrying([](int) { return absl::InvalidArgumentError("no such metric"); },
                    absl::Seconds(4));
  retrying.thread->Offer(Of("a"));
  EXPECT_EQ(WaitFor(*retrying.self, 1).failed, 1);
  EXPECT_EQ(retrying.calls, 1);
}

TEST(SinkThread, StopsRetryingAtItsDeadline) {
  Retrying retrying([](int) { return absl::UnavailableError("gone"); }, absl::Milliseconds(400));
  const absl::Time begun = absl::Now();
  retrying.thread->Offer(Of("a"));
  const Deliveries stats = WaitFor(*retrying.self, 1);
  EXPECT_EQ(stats.failed, 1) << "one delivery, however many tries";
  EXPECT_GE(stats.retries, 2);
  EXPECT_LT(absl::Now() - begun, absl::Seconds(2));
}

TEST(SinkThread, NewerPublicationEndsRetries) {
  Retrying retrying(
      [](int call) { return call == 1 ? absl::UnavailableError("gone") : absl::OkStatus(); },
      absl::Hours(1));
  std::promise<SinkOutcome> first, second;
  retrying.thread->Offer(Of("a"), [&](const SinkOutcome& o) { first.set_value(o); });
  while (retrying.calls < 1) absl::SleepFor(absl::Milliseconds(1));
  retrying.thread->Offer(Of("b"), [&](const SinkOutcome& o) { second.set_value(o); });
  EXPECT_TRUE(absl::IsUnavailable(first.get_future().get().status));
  const SinkOutcome outcome = second.get_future().get();
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.sink, "fake");
  EXPECT_EQ(Read(*retrying.self).retries, 0);
}

TEST(SinkThread, ReportsTheOutcomeToEveryCaller) {
  Gate entered, open;
  auto sink = std::make_unique<FakeSink>();
  sink->deliver = [&](const Publication&) {
    entered.Open();
    open.Wait(absl::Seconds(30));
    return absl::OkStatus();
  };
  const auto self = std::make_shared<SelfMetrics>();
  SinkThread thread(std::move(sink), {.timeout = absl::Seconds(1)}, &SystemClock(), self);
  std::promise<SinkOutcome> first, second, third, fourth;
  const auto told = [](std::promise<SinkOutcome>& promise) {
    return [&promise](const SinkOutcome& outcome) { promise.set_value(outcome); };
  };
  thread.Offer(Of("a"), told(first));
  ASSERT_TRUE(entered.Wait(absl::Seconds(30)));
  thread.Offer(Of("b"), told(second));
  thread.Offer(Of("c"), told(third));
  thread.Stop(absl::ZeroDuration());
  thread.Offer(Of("d"), told(fourth));
  EXPECT_TRUE(absl::IsCancelled(fourth.get_future().get().status));
  open.Open();
  EXPECT_TRUE(first.get_future().get().status.ok());
  EXPECT_TRUE(absl::IsCancelled(second.get_future().get().status));
  EXPECT_TRUE(absl::IsCancelled(third.get_future().get().status));
}

TEST(SinkThread, SupersededOfferGetsTheNewerOutcome) {
  Gate entered, open;
  std::vector<std::string> taken;
  auto sink = std::make_unique<FakeSink>();
  sink->deliver = [&](const Publication& publication) {
    taken.push_back(publication.view->mode);
    entered.Open();
    open.Wait(absl::Seconds(30));
    return absl::OkStatus();
  };
  const auto self = std::make_shared<SelfMetrics>();
  SinkThread thread(std::move(sink), {.timeout = absl::Seconds(1)}, &SystemClock(), self);
  thread.Offer(Of("a"));
  ASSERT_TRUE(entered.Wait(absl::Seconds(30)));
  std::promise<SinkOutcome> asked;
  thread.Offer(Of("b"), [&](const SinkOutcome& outcome) { asked.set_value(outcome); });
  thread.Offer(Of("c"));
  open.Open();
  EXPECT_TRUE(asked.get_future().get().status.ok());
  EXPECT_EQ(taken, (std::vector<std::string>{"a", "c"}));
}

TEST(SinkThread, DoesNotCallEndIfDisabled) {
  std::atomic<int> ends = 0;
  auto sink = std::make_unique<FakeSink>();
  sink->ends = &ends;
  SinkThread thread(std::move(sink), {.timeout = absl::Seconds(1), .end = false}, &SystemClock(),
                    std::make_shared<SelfMetrics>());
  EXPECT_TRUE(thread.Stop(absl::Seconds(10)));
  EXPECT_EQ(ends, 0);
}

}  // namespace
}  // namespace chatscale
