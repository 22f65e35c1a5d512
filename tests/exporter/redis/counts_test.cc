// Counters: what happened after the source began, each event once, whatever Redis goes through.
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/redis/throttling.h"
#include "tests/exporter/redis/redis_scenario.h"

namespace chatscale {
namespace {

constexpr double kNow = 1'800'000'000;
constexpr const char* kTasks = "t:p:kdcube:metrics:task_exec_ms:proc";

class RedisCountsTest : public testing::Test {
 protected:
  EventCounts Take(double now) {
    Beat(now);
    const auto samples = source_->Collect(absl::UnixEpoch() + absl::Seconds(now), absl::Seconds(5));
    const auto& snapshot = samples.at(0).parts.at(0).snapshot;
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return snapshot.ok() ? snapshot->counts : EventCounts();
  }

  // A task that ends at `time`, having waited and been executed for so many milliseconds.
  void End(double time, double wait, double exec) {
    const std::string at = absl::StrFormat("%.3f", time);
    server_.Run(
        {"ZADD", "t:p:kdcube:metrics:task_queue_wait_ms:proc", at, absl::StrCat(at, ":", wait)});
    server_.Run({"ZADD", kTasks, at, absl::StrCat(at, ":", exec)});
  }
  void Refuse(double time, int status, const std::string& id) {
    server_.Run({"ZADD", "t:p:kdcube:throttling:events", absl::StrFormat("%.3f", time),
                 absl::StrFormat(R"({"event_id": "%s", "http_status": %d})", id, status)});
  }
  void Admit(double time, int requests) {
    redis::LocalHour hour;
    server_.Run({"HINCRBY", "t:p:kdcube:throttling:requests:hourly", hour.Of(time),
                 absl::StrCat(requests)});
  }

  // One process lives: a tenant of which nothing is there, or in which nothing changes, is an
  // error.
  void Beat(double now) {
    server_.Run({"SET", "t:p:kdcube:heartbeat:process:i:chat:proc:1",
                 absl::StrFormat(R"({"instance_id": "i", "service_type": "chat", )"
                                 R"("service_name": "proc", "last_heartbeat": %.0f})",
                                 now)});
  }

  RedisServer server_;
  std::unique_ptr<RedisSource> source_ =
      RedisSource::Create({.url = server_.UnixUrl(), .targets = {{"t", "p"}}}).value();
};

TEST_F(RedisCountsTest, BeginAtZeroAndCountEachEventOnce) {
  End(kNow - 100, 500, 500);
  Refuse(kNow - 100, 503, "old");
  Admit(kNow, 1000);
  const EventCounts first = Take(kNow);
  EXPECT_EQ(first.finished, 0);
  EXPECT_EQ(first.admitted, 0);
  EXPECT_EQ(first.rate_limited, 0);
  EXPECT_EQ(first.backpressured, 0);
  EXPECT_EQ(first.wait->Total(), 0);

  End(kNow + 5, 2000, 8000);     // at a bound: no longer than it
  End(kNow + 6, 2001, 400'000);  // and beyond the last one
  End(kNow + 7, -30, 0);         // clocks that disagree
  Refuse(kNow + 5, 503, "a");
  Refuse(kNow + 5, 503, "b");
  Refuse(kNow + 6, 429, "c");
  Admit(kNow + 8, 7);
  for (const double later : {10, 11, 25, 100}) {
    const EventCounts counts = Take(kNow + later);
    EXPECT_EQ(counts.finished, 3) << later;
    EXPECT_EQ(counts.admitted, 7);
    EXPECT_EQ(counts.rate_limited, 1);
    EXPECT_EQ(counts.backpressured, 2);
    EXPECT_EQ(counts.wait->Above(2), 1);
    EXPECT_EQ(counts.wait->Above(1), 2);
    EXPECT_EQ(counts.wait->counts[0], 1);
    EXPECT_DOUBLE_EQ(counts.wait->sum_seconds, 4.001);
    EXPECT_EQ(counts.exec->counts.back(), 1);
    EXPECT_DOUBLE_EQ(counts.exec->sum_seconds, 408);
  }
}

TEST_F(RedisCountsTest, MalformedDurationsCountTasksButFillNoBucket) {
  Take(kNow);
  server_.Run({"ZADD", kTasks, absl::StrCat(kNow + 1), "x:y"});
  const EventCounts counts = Take(kNow + 10);
  EXPECT_EQ(counts.finished, 1);
  EXPECT_EQ(counts.exec->Total(), 0);
}

TEST_F(RedisCountsTest, CounterResetsAreNotCountedTwice) {
  Admit(kNow, 10);
  Take(kNow);
  Admit(kNow, 5);
  Admit(kNow + 3600, 20);
  EXPECT_EQ(Take(kNow + 3600).admitted, 25);
  server_.Run({"FLUSHALL"});
  Admit(kNow + 3600, 12);  // fewer than before: whether they are others, nobody knows
  EXPECT_EQ(Take(kNow + 3610).admitted, 25);
  Admit(kNow + 3600, 3);
  EXPECT_EQ(Take(kNow + 3620).admitted, 28);
}

// A set vanishes and comes back, and is read again from scratch each time. Everything was there to
// be seen when it was new.
TEST_F(RedisCountsTest, ReappearingSetsAreCountedExactly) {
  std::mt19937 random(3);
  Take(kNow);
  double now = kNow + 5;
  int ended = 0;
  for (int step = 1; step <= 200; ++step) {
    now += 15;
    for (int i = 0; i < 5; ++i) {  // out of order, and late
      End(now - 18 + static_cast<double>(random() % 17'000) / 1000, 10, ++ended);
    }
    EXPECT_EQ(Take(now).finished, ended) << step;
    const unsigned what = random() % 4;
    if (what == 0) server_.Run({"RENAME", kTasks, "aside"});
    if (what == 1) server_.Run({"ZUNIONSTORE", kTasks, "2", kTasks, "aside", "AGGREGATE", "MAX"});
    EXPECT_EQ(Take(now + 1).finished, ended) << step;
  }
}

// Members are lost, the server restarts without any: what was not seen in time is not counted.
TEST_F(RedisCountsTest, LostEventsAreNotCounted) {
  std::mt19937 random(4);
  Take(kNow);
  double now = kNow;
  double least = 0;
  int ended = 0;
  for (int step = 1; step <= 60; ++step) {
    now += 15;
    for (int i = 0; i < 5; ++i) End(now - 14 + 2.5 * i, 10, ++ended);
    const unsigned what = random() % 4;
    if (what == 0) {
      server_.Run({"ZREMRANGEBYSCORE", kTasks, absl::StrCat(now - 200), absl::StrCat(now - 100)});
    }
    if (what == 1) {
      server_.Stop();
      server_.Start();
    } else {
      least += 5;
    }
    const double counted = *Take(now).finished;
    EXPECT_EQ(counted, least) << step;
  }
}

// A writer east of us counts in hours that our clock has not reached (D19), one west of us in past
// ones.
TEST_F(RedisCountsTest, AdmittedRequestsAreCountedInAnyTimeZone) {
  constexpr double kHour = 3600;
  for (const int zone : {9, 0, -7}) {
    server_.Run({"DEL", "t:p:kdcube:throttling:requests:hourly"});
    source_ = RedisSource::Create({.url = server_.UnixUrl(), .targets = {{"t", "p"}}}).value();
    Admit(kNow + zone * kHour, 120);
    Take(kNow);
    MaybeNumber admitted, attempted;
    for (int cycle = 1; cycle <= 85; ++cycle) {  // two probes
      Admit(kNow + zone * kHour, 2);
      Beat(kNow + cycle);
      const auto samples =
          source_->Collect(absl::UnixEpoch() + absl::Seconds(kNow + cycle), absl::Seconds(5));
      const Snapshot& snapshot = *samples.at(0).parts.at(0).snapshot;
      admitted = snapshot.counts.admitted;
      attempted = snapshot.throttling.ingress.requests_hour;
    }
    EXPECT_GE(admitted, zone < 0 ? 2 * 5 : 2 * 85) << zone;
    EXPECT_EQ(attempted, 120 + 2 * 85) << zone;
  }
}

}  // namespace
}  // namespace chatscale
