// What the source makes of a Redis over time: kept streams, old tasks, found targets, other glob
// characters, windows that only read what is new.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/model/error_kind.h"
#include "exporter/recommendations/signals_of.h"
#include "tests/exporter/redis/redis_scenario.h"

namespace chatscale {
namespace {

constexpr double kNow = 1'800'000'000.5;

absl::Time At(double unix_seconds) { return absl::UnixEpoch() + absl::Seconds(unix_seconds); }

class RedisSourceTest : public testing::Test {
 protected:
  std::unique_ptr<RedisSource> NewSource(std::vector<Target> targets, bool discover = false) {
    RedisSourceOptions options{.url = server_.UnixUrl(), .targets = targets, .discover = discover};
    auto source = RedisSource::Create(std::move(options));
    EXPECT_TRUE(source.ok()) << source.status();
    return *std::move(source);
  }

  // A heartbeat as the upstream writes it, with its place in the index.
  void Beat(const std::string& prefix, const std::string& instance, const std::string& service,
            double time, const std::string& health = "ServiceHealth.HEALTHY", int load = 0,
            const std::string& metadata = "{}", bool indexed = true) {
    const std::string key =
        absl::StrCat(prefix, ":kdcube:heartbeat:process:", instance, ":chat:", service, ":1");
    const std::string json = absl::StrFormat(
        R"({"instance_id": "%s", "service_type": "chat", "service_name": "%s", "process_id": 1, )"
        R"("port": 8000, "current_load": %d, "max_capacity": 5, "last_heartbeat": %.3f, )"
        R"("health_status": "%s", "metadata": %s})",
        instance, service, load, time, health, metadata);
    server_.Run({"SET", key, json});
    if (!indexed) return;
    server_.Run({"ZADD",
                 absl::StrCat(prefix, ":kdcube:system:capacity:process-index:chat:", service),
                 absl::StrFormat("%.3f", time), key});
  }

  void Streams(const std::string& prefix, const std::string& instance, int count, double time) {
    server_.Run({"SET", absl::StrCat(prefix, ":kdcube:chat:sse:connections:", instance, ":1"),
                 absl::StrFormat(R"({"count": %d, "sessions": %d, "max": 100, "ts": %.3f})", count,
                                 count, time)});
  }

  static Snapshot Take(RedisSource& source, double now) {
    auto samples = source.Collect(At(now), absl::Seconds(5));
    EXPECT_EQ(samples.size(), 1u);
    auto snapshot = std::move(samples.at(0).parts.at(0).snapshot);
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return *std::move(snapshot);
  }

  RedisServer server_;
};

// Defect D10: an entry is written when a stream opens or closes, and expires after a minute.
TEST_F(RedisSourceTest, KeepsStreamsOfLiveProcessWithExpiredEntry) {
  auto source = NewSource({{"t", "p"}});
  Beat("t:p", "ing-0", "rest", kNow);
  Beat("t:p", "ing-1", "rest", kNow);
  Streams("t:p", "ing-0", 80, kNow);
  Streams("t:p", "ing-1", 20, kNow);
  EXPECT_EQ(Take(*source, kNow).sse.connections, 100);
  // Both entries expire; one process beats on, the other one is gone.
  server_.Run({"DEL", "t:p:kdcube:chat:sse:connections:ing-0:1",
               "t:p:kdcube:chat:sse:connections:ing-1:1",
               "t:p:kdcube:heartbeat:process:ing-1:chat:rest:1"});
  Beat("t:p", "ing-0", "rest", kNow + 600);
  const Snapshot quiet = Take(*source, kNow + 600);
  EXPECT_EQ(quiet.sse.connections, 80);
  EXPECT_EQ(quiet.sse.limit, 100);
  EXPECT_EQ(quiet.sse.kept_workers, 1);
  EXPECT_EQ(quiet.sse.hottest_worker_saturation, 0.8);
  // It writes again, and then ends.
  Streams("t:p", "ing-0", 79, kNow + 610);
  const Snapshot busy = Take(*source, kNow + 611);
  EXPECT_EQ(busy.sse.connections, 79);
  EXPECT_EQ(busy.sse.kept_workers, 0);
  // Only the configured silence of its heartbeat (45 s) lets it go.
  server_.Run({"FLUSHALL"});
  EXPECT_EQ(Take(*source, kNow + 656).sse.connections, 79);
  EXPECT_EQ(Take(*source, kNow + 657).sse.connections, std::nullopt);
}

TEST_F(RedisSourceTest, LateHeartbeatDropsNoStreams) {
  auto source = NewSource({{"t", "p"}});
  for (const char* instance : {"ing-0", "ing-1"}) {
    Beat("t:p", instance, "rest", kNow);
    Streams("t:p", instance, 95, kNow);
  }
  EXPECT_EQ(Take(*source, kNow).sse.connections, 190);
  server_.Run({"DEL", "t:p:kdcube:chat:sse:connections:ing-0:1",
               "t:p:kdcube:chat:sse:connections:ing-1:1",
               "t:p:kdcube:heartbeat:process:ing-0:chat:rest:1"});
  Beat("t:p", "ing-1", "rest", kNow + 15);
  EXPECT_EQ(Take(*source, kNow + 15).sse.connections, 190);
  Beat("t:p", "ing-0", "rest", kNow + 16);
  const Snapshot back = Take(*source, kNow + 30);
  EXPECT_EQ(back.sse.connections, 190);
  EXPECT_EQ(back.sse.coverage, 1);
}

// A live worker that was never heard from holds an unknown number of streams, not none.
TEST_F(RedisSourceTest, PartialStreamCoverageIsReported) {
  auto source = NewSource({{"t", "p"}});
  for (int i = 0; i < 8; ++i) Beat("t:p", absl::StrCat("ing-", i), "rest", kNow);
  const Snapshot silent = Take(*source, kNow);
  EXPECT_EQ(silent.sse.coverage, 0);
  EXPECT_EQ(silent.sse.connections, std::nullopt);
  Streams("t:p", "ing-0", 5, kNow);
  const Snapshot one = Take(*source, kNow + 1);
  EXPECT_EQ(one.sse.coverage, 0.125);
  EXPECT_FALSE(one.sse.IsWhole());
  EXPECT_EQ(one.sse.window_connections.mean[0], std::nullopt);
  for (int i = 1; i < 8; ++i) Streams("t:p", absl::StrCat("ing-", i), 50, kNow + 2);
  const Snapshot all = Take(*source, kNow + 2);
  EXPECT_EQ(all.sse.coverage, 1);
  EXPECT_EQ(all.sse.connections, 355);
  // Emptied: what was known stays while the processes may live.
  server_.Run({"FLUSHALL"});
  EXPECT_EQ(Take(*source, kNow + 4).sse.connections, 355);
  for (int i = 0; i < 8; ++i) Beat("t:p", absl::StrCat("ing-", i), "rest", kNow + 10);
  EXPECT_EQ(Take(*source, kNow + 12).sse.connections, 355);
  Streams("t:p", "ing-1", 51, kNow + 13);
  EXPECT_EQ(Take(*source, kNow + 14).sse.connections, 356);
}

// Nothing in a heartbeat of ingress says that it drains.
TEST_F(RedisSourceTest, InfersIngressDrainingFromFallingStreams) {
  auto source = NewSource({{"t", "p"}});
  double now = kNow;
  Snapshot snapshot;
  // `old` loses a stream a cycle, `idle` has none that it could lose, `busy` opens and closes some.
  const auto play = [&](int cycles, int old_streams, int fall) {
    for (int cycle = 0; cycle < cycles; ++cycle, now += 10) {
      for (const char* instance : {"old", "idle", "busy"}) Beat("t:p", instance, "rest", now);
      Streams("t:p", "old", old_streams -= fall, now);
      Streams("t:p", "idle", 0, now);
      Streams("t:p", "busy", 50 + cycle % 2, now);
      snapshot = Take(*source, now);
    }
  };
  play(40, 90, 1);
  EXPECT_EQ(snapshot.fleet.ingress.draining_processes, 0) << "too early to tell";
  play(90, 50, 0);
  play(60, 49, 0);
  EXPECT_EQ(snapshot.fleet.ingress.draining_processes, 1);
  EXPECT_EQ(snapshot.sse.limit, 300) << "of all, as the upstream adds";
  EXPECT_EQ(snapshot.sse.draining_limit, 100);
  EXPECT_EQ(snapshot.sse.connections, 99 + 1) << "they will come back";
  // Of the count and the capacity the recommender goes by, it is no part.
  const recommender::Signals signals = SignalsOf(snapshot, {});
  EXPECT_EQ(signals.ingress.current_replicas, 2);
  EXPECT_EQ(signals.ingress.draining_replicas, 1);
  EXPECT_EQ(signals.ingress.stream_capacity, 200);
  play(1, 70, 0);
  EXPECT_EQ(snapshot.fleet.ingress.draining_processes, 0) << "it opened some";
}

// Two pods are new; a load balancer that prefers those with the fewest streams gives them all.
TEST_F(RedisSourceTest, RebalancedIngressIsNotDraining) {
  auto source = NewSource({{"t", "p"}});
  Snapshot snapshot;
  for (int cycle = 0; cycle < 120; ++cycle) {
    const double now = kNow + 10 * cycle;
    for (const char* old : {"a", "b", "c"}) {
      Beat("t:p", old, "rest", now);
      Streams("t:p", old, 90 - cycle / 4, now);
    }
    for (const char* fresh : {"x", "y"}) {
      Beat("t:p", fresh, "rest", now);
      Streams("t:p", fresh, cycle * 3 / 8, now);
    }
    snapshot = Take(*source, now);
    ASSERT_EQ(snapshot.fleet.ingress.draining_processes.value_or(0), 0) << cycle;
  }
}

// Keys that ought to expire stay, and stay the same: a node that is cut off, or a copy.
TEST_F(RedisSourceTest, FrozenRedisIsAnError) {
  auto source = NewSource({{"t", "p"}});
  Beat("t:p", "proc-0", "proc", kNow);
  Beat("t:p", "proc-1", "proc", kNow);
  const auto status = [&](double now) {
    return source->Collect(At(now), absl::Seconds(5)).at(0).parts.at(0).snapshot.status();
  };
  EXPECT_TRUE(status(kNow).ok());
  EXPECT_TRUE(status(kNow + 40).ok());
  for (const double later : {50, 3600}) {
    EXPECT_EQ(KindOf(status(kNow + later)), ErrorKind::kFrozen) << later;
  }
  Beat("t:p", "proc-1", "proc", kNow + 3610);
  EXPECT_TRUE(status(kNow + 3610).ok()) << "one of them lives";
  server_.Run({"DEL", "t:p:kdcube:heartbeat:process:proc-0:chat:proc:1",
               "t:p:kdcube:heartbeat:process:proc-1:chat:proc:1"});
  EXPECT_TRUE(status(kNow + 3700).ok()) << "the fleet is down: that is no frozen Redis";
}

// Defect D20: the wait of a task is only recorded when it ends.
TEST_F(RedisSourceTest, ReportsAgeOfOldestWaitingTask) {
  auto source = NewSource({{"t", "p"}});
  const auto task = [](double created) {
    return absl::StrFormat(R"({"meta": {"task_id": "x", "created_at": %.3f}})", created);
  };
  const std::string queue = "t:p:kdcube:chat:prompt:queue:";
  server_.Run({"LPUSH", queue + "paid", task(kNow - 300), task(kNow - 2)});
  server_.Run({"LPUSH", queue + "anonymous", "{\"meta\": {}}"});
  server_.Run({"LPUSH", queue + "privileged",
               R"({"meta": {"created_at": 1}, "blob": ")" + std::string(3 << 20, 'x') + "\"}"});
  const auto samples = source->Collect(At(kNow), absl::Seconds(5));
  const Snapshot& snapshot = *samples[0].parts[0].snapshot;
  const auto age = [&](UserType type) {
    return snapshot.queue.oldest_waiting_seconds[static_cast<std::size_t>(type)];
  };
  EXPECT_NEAR(*age(UserType::kPaid), 300, 0.001);
  EXPECT_EQ(age(UserType::kRegistered), 0);             // nobody waits
  EXPECT_EQ(age(UserType::kAnonymous), std::nullopt);   // it does not say
  EXPECT_EQ(age(UserType::kPrivileged), std::nullopt);  // too large to look into
  EXPECT_EQ(snapshot.malformed.Total(), 2);
  EXPECT_EQ(snapshot.queue.waiting, 4);
  const auto document = nlohmann::json::parse(samples[0].parts[0].document());
  EXPECT_EQ(document["chatscale"]["queue"]["oversized_tasks"], 1);
}

// Each of a tenant's five heads is 12 MB: it costs that tenant the age of its oldest task, once.
TEST_F(RedisSourceTest, OversizedTasksAreReadOnceAndAffectOneTenant) {
  auto source = NewSource({{"a", "p"}, {"b", "p"}});
  const std::string huge(12 << 20, 'x');
  for (const char* user : kUserTypeNames) {
    server_.Run({"LPUSH", absl::StrCat("b:p:kdcube:chat:prompt:queue:", user), huge});
  }
  server_.Run({"LPUSH", "a:p:kdcube:chat:prompt:queue:paid",
               absl::StrFormat(R"({"meta": {"created_at": %.3f}})", kNow - 5)});
  std::uint64_t before = 0;
  for (int cycle = 0; cycle < 4; ++cycle) {
    const double now = kNow + 15 * cycle;
    const auto samples = source->Collect(At(now), absl::Seconds(20));
    const Snapshot& a = *samples.at(0).parts.at(0).snapshot;
    const Snapshot& b = *samples.at(1).parts.at(0).snapshot;
    EXPECT_NEAR(*a.queue.oldest_waiting_seconds[4], 5 + 15 * cycle, 0.001);
    EXPECT_EQ(b.queue.total, 5 + cycle);
    EXPECT_EQ(b.queue.oldest_waiting_seconds[4], std::nullopt);
    const std::uint64_t received = source->traffic().bytes_received;
    if (cycle > 0) {
      EXPECT_LT(received - before, 100'000u) << cycle;
    }
    before = received;
    // One more waits behind the head.
    server_.Run({"LPUSH", "b:p:kdcube:chat:prompt:queue:paid", "{}"});
  }
  server_.Run({"RPOP", "b:p:kdcube:chat:prompt:queue:paid"});
  server_.Run({"RPUSH", "b:p:kdcube:chat:prompt:queue:paid",
               absl::StrFormat(R"({"meta": {"created_at": %.3f}})", kNow)});
  server_.Run({"LTRIM", "b:p:kdcube:chat:prompt:queue:paid", "-2", "-1"});
  const auto samples = source->Collect(At(kNow + 100), absl::Seconds(20));
  EXPECT_NEAR(*samples.at(1).parts.at(0).snapshot->queue.oldest_waiting_seconds[4], 100, 0.001);
}

TEST_F(RedisSourceTest, DiscoversTargetsAmongManyKeysInTwoMinutes) {
  std::string resp;
  for (int i = 0; i < 300'000; i += 1000) {
    absl::StrAppend(&resp, "*2001\r\n$4\r\nMSET\r\n");
    for (int j = i; j < i + 1000; ++j) {
      const std::string key = absl::StrCat("other:app:cache:", j);
      absl::StrAppend(&resp, "$", key.size(), "\r\n", key, "\r\n$1\r\n1\r\n");
    }
  }
  server_.Load(resp);
  Beat("t:p", "proc-0", "proc", kNow);
  auto source = NewSource({}, true);
  double now = kNow;
  EXPECT_EQ(source->Collect(At(now), absl::Seconds(5)).size(), 1u);
  for (const char* tenant : {"u:p", "v:p"}) Beat(tenant, "proc-0", "proc", now + 120);
  std::size_t found = 1;
  for (; found < 3 && now < kNow + 120; now += 15) {
    found = source->Collect(At(now + 15), absl::Seconds(5)).size();
  }
  EXPECT_EQ(found, 3u);
}

TEST_F(RedisSourceTest, ForbiddenKeyAffectsOnlyThatKey) {
  Beat("t:p", "proc-0", "proc", kNow);
  server_.Run({"LPUSH", "t:p:kdcube:chat:prompt:queue:paid", "{}"});
  server_.Run({"ACL", "SETUSER", "some", "on", ">pw", "+@read", "+select",
               "~t:p:kdcube:heartbeat:*", "~t:p:kdcube:system:*", "~t:p:kdcube:metrics:*",
               "~t:p:kdcube:throttling:*", "~t:p:kdcube:chat:prompt:queue:*"});
  RedisSourceOptions options{.url = absl::StrCat("redis://some:pw@127.0.0.1:", server_.port()),
                             .targets = {{"t", "p"}, {"u", "p"}}};
  auto source = *RedisSource::Create(std::move(options));
  const auto samples = source->Collect(At(kNow), absl::Seconds(5));
  const auto& t = samples.at(0).parts.at(0).snapshot;
  ASSERT_TRUE(t.ok()) << t.status();
  EXPECT_EQ(t->fleet.proc.processes, 1);
  EXPECT_EQ(t->queue.total, std::nullopt) << "the mailboxes are out of reach";
  EXPECT_EQ(t->queue.in_flight, 0);
  EXPECT_GT(t->malformed.proc, 0);
  // Nothing at all of the other one may be read: that is an error, not an empty system.
  EXPECT_EQ(KindOf(samples.at(1).parts.at(0).snapshot.status()), ErrorKind::kPermission);
}

// A clock that was set back, ours or theirs: nothing that is read is of now.
TEST_F(RedisSourceTest, HeartbeatsFromTheFutureMakeTheirServicePartial) {
  Beat("t:p", "proc-0", "proc", kNow + 3600);
  const Snapshot snapshot = Take(*NewSource({{"t", "p"}}), kNow);
  EXPECT_EQ(snapshot.malformed.proc, 1);
  EXPECT_EQ(snapshot.malformed.ingress, 0);
}

struct State {
  const char* what;
  double age;
  const char* health;
  int load;
  const char* metadata;
  const char* service;
  // Expected: counted as healthy, unhealthy, draining, stale.
  int healthy, unhealthy, draining, stale;
};

TEST_F(RedisSourceTest, ClassifiesEveryProcessState) {
  constexpr const char* kDraining = R"({"processor": {"draining": true}})";
  constexpr const char* kHostDraining = R"({"processor": {"host_draining": true}})";
  constexpr const char* kRefusing = R"({"processor": {"accepting_new_tasks": false}})";
  const State kStates[] = {
      {"Healthy", 1, "ServiceHealth.HEALTHY", 0, "{}", "proc", 1, 0, 0, 0},
      {"AtEightyPercentD2", 1, "ServiceHealth.DEGRADED", 4, "{}", "proc", 1, 0, 0, 0},
      {"FullD1", 1, "ServiceHealth.UNHEALTHY", 5, "{}", "proc", 1, 0, 0, 0},
      {"BrokenD1", 1, "ServiceHealth.UNHEALTHY", 2, "{}", "proc", 0, 1, 0, 0},
      {"IngressMarkedForLifeD24", 1, "ServiceHealth.UNHEALTHY", 0, "{}", "rest", 1, 0, 0, 0},
      {"DrainingD6", 1, "ServiceHealth.HEALTHY", 2, kDraining, "proc", 0, 0, 1, 0},
      {"ItsHostDrainingD6", 1, "ServiceHealth.HEALTHY", 2, kHostDraining, "proc", 0, 0, 1, 0},
      {"RefusingD6", 1, "ServiceHealth.HEALTHY", 2, kRefusing, "proc", 0, 0, 1, 0},
      {"AtTheLimitOfAge", 45, "ServiceHealth.HEALTHY", 0, "{}", "proc", 1, 0, 0, 0},
      {"BeyondItD6", 45.5, "ServiceHealth.HEALTHY", 0, "{}", "proc", 0, 0, 0, 1},
      {"StaleBeforeDraining", 50, "ServiceHealth.HEALTHY", 0, kDraining, "proc", 0, 0, 0, 1},
      {"FromTheFutureR11", -61, "ServiceHealth.HEALTHY", 0, "{}", "proc", 0, 0, 0, 0},
      {"ClockAheadALittle", -30, "ServiceHealth.HEALTHY", 0, "{}", "proc", 1, 0, 0, 0},
  };
  for (const State& state : kStates) {
    SCOPED_TRACE(state.what);
    server_.Run({"FLUSHALL"});
    Beat("t:p", "i", state.service, kNow - state.age, state.health, state.load, state.metadata);
    const Snapshot snapshot = Take(*NewSource({{"t", "p"}}), kNow);
    const bool proc = state.service == std::string("proc");
    const ServiceFleet& component = proc ? snapshot.fleet.proc : snapshot.fleet.ingress;
    EXPECT_EQ(component.processes, 1);
    EXPECT_EQ(component.healthy_processes, state.healthy);
    EXPECT_EQ(component.unhealthy_processes, state.unhealthy);
    EXPECT_EQ(component.draining_processes, state.draining);
    EXPECT_EQ(component.stale_processes, state.stale);
    if (proc) {
      EXPECT_EQ(snapshot.queue.capacity.of_fleet, (state.healthy + state.unhealthy) * 14);
    }
  }
}

// A second queue of the same workers (D27): what a group has not been given waits, what it has been
// given and not acknowledged is claimed, and what is finished stays in the stream.
TEST_F(RedisSourceTest, BackgroundJobsAreCounted) {
  auto source = NewSource({{"t", "p"}});
  Beat("t:p", "i", "proc", kNow, "ServiceHealth.HEALTHY", 3);
  const Snapshot none = Take(*source, kNow);
  EXPECT_EQ(none.queue.jobs_waiting, 0);
  EXPECT_EQ(none.queue.jobs_claimed, 0);  // asked again after a minute
  const std::string stream = "t:p:kdcube:background:jobs:registered";
  for (int i = 0; i < 9; ++i) server_.Run({"XADD", stream, "*", "job_id", std::to_string(i)});
  Beat("t:p", "i", "proc", kNow + 60, "ServiceHealth.HEALTHY", 3);
  const Snapshot unread = Take(*source, kNow + 60);
  EXPECT_EQ(unread.queue.jobs_waiting, 9) << "nobody has read any yet";
  EXPECT_EQ(unread.queue.jobs_claimed, 0);
  server_.Run({"XGROUP", "CREATE", stream, "kdcube-background-jobs.v1", "0-0"});
  server_.Run({"XGROUP", "CREATE", stream, "somebody-elses", "$"});
  server_.Run({"XREADGROUP", "GROUP", "kdcube-background-jobs.v1", "i:1", "COUNT", "4", "STREAMS",
               stream, ">"});
  const Snapshot claimed = Take(*source, kNow + 62);
  EXPECT_EQ(claimed.queue.jobs_waiting, 5);
  EXPECT_EQ(claimed.queue.jobs_claimed, 4);
  EXPECT_EQ(claimed.queue.total, 0) << "they are in no queue";
  // An entry deleted ahead of the group: how far it lags cannot be told, what is left can.
  server_.Run({"XADD", stream, "9999999999999-1", "job_id", "last"});
  server_.Run({"XDEL", stream, "9999999999999-1"});
  EXPECT_EQ(Take(*source, kNow + 63).queue.jobs_waiting, 5);
  server_.Run({"SET", "t:p:kdcube:background:jobs:paid", "no stream"});
  const Snapshot broken = Take(*source, kNow + 64);
  EXPECT_EQ(broken.queue.jobs_waiting, std::nullopt);
  EXPECT_GT(broken.malformed.Total(), 0);
}

TEST_F(RedisSourceTest, JobsAreUnknownWithoutPermission) {
  server_.Run({"ACL", "SETUSER", "default", "-xinfo"});
  auto source = NewSource({{"t", "p"}});
  Beat("t:p", "i", "proc", kNow, "ServiceHealth.HEALTHY", 3);
  server_.Run({"XADD", "t:p:kdcube:background:jobs:paid", "*", "job_id", "1"});
  for (int cycle = 0; cycle < 3; ++cycle) {
    const Snapshot snapshot = Take(*source, kNow + cycle);
    EXPECT_EQ(snapshot.queue.jobs_waiting, std::nullopt);
    EXPECT_EQ(snapshot.fleet.proc.processes, 1);
    EXPECT_EQ(snapshot.malformed.Total(), 0);
  }
}

TEST_F(RedisSourceTest, AdmittedTasksSurviveCounterResets) {
  auto source = NewSource({{"t", "p"}});
  const std::string counter = "t:p:kdcube:system:capacity:counter";
  server_.Run({"SET", counter, "70"});
  double at = kNow;
  const auto admitted = [&] { return Take(*source, at += 1).counts.admitted_tasks; };
  EXPECT_EQ(admitted(), 0) << "what was before is not counted";
  server_.Run({"SET", counter, "75"});
  EXPECT_EQ(admitted(), 5);
  server_.Run({"DEL", counter});
  EXPECT_EQ(admitted(), 5);
  server_.Run({"SET", counter, "3"});
  EXPECT_EQ(admitted(), 8);
  server_.Run({"SET", counter, "many"});
  EXPECT_EQ(admitted(), 8);
}

// Its tasks are somewhere else: lists that read empty say nothing.
TEST_F(RedisSourceTest, QueueOfOtherSchedulerIsUnknown) {
  auto source = NewSource({{"t", "p"}});
  for (const bool other : {false, true}) {
    Beat("t:p", "i", "proc", kNow, "ServiceHealth.HEALTHY", 3,
         other ? R"({"processor": {"scheduler_backend": "conversation_streams"}})"
               : R"({"processor": {"scheduler_backend": "legacy_lists"}})");
    const Snapshot snapshot = Take(*source, kNow);
    EXPECT_EQ(snapshot.queue.total.has_value(), !other);
    EXPECT_EQ(snapshot.malformed.proc, other ? 1 : 0);
  }
}

// By the wrong name nobody is watched, and nothing said so.
TEST_F(RedisSourceTest, DistinguishesUnknownTenantFromOneThatIsDown) {
  auto source = NewSource({{"t", "wrong"}});
  const auto take = [&](double now) {
    return source->Collect(At(now), absl::Seconds(5)).at(0).parts.at(0).snapshot;
  };
  EXPECT_TRUE(take(kNow).ok()) << "nobody is there: a system that begins";
  for (const char* instance : {"a", "b"}) Beat("acme:one", instance, "proc", kNow + 600);
  Beat("acme:two", "c", "rest", kNow + 600);
  const absl::Status missing = take(kNow + 601).status();
  EXPECT_EQ(KindOf(missing), ErrorKind::kNotFound);
  EXPECT_EQ(missing.message(),
            "tenant t, project wrong is not in this Redis; it has acme/one (2 processes), acme/two "
            "(1 process)");
  // One that has gone long ago; and one that begins.
  Beat("t:wrong", "old", "proc", kNow - 3 * 86'400);
  EXPECT_EQ(take(kNow + 662).status().message(),
            "tenant t, project wrong is not in this Redis any more: 1 process, last seen 3 days "
            "ago; it has acme/one (2 processes), acme/two (1 process)");
  Beat("t:wrong", "new", "proc", kNow + 663);
  EXPECT_TRUE(take(kNow + 663).ok());
  Beat("t:wrong", "new", "proc", kNow - 3 * 86'400);
  EXPECT_TRUE(take(kNow + 664).ok()) << "it was there: it is down";
}

TEST_F(RedisSourceTest, TargetsAreDiscoveredAndExpire) {
  Beat("acme:one", "i", "proc", kNow);
  Beat("acme:two", "i", "proc", kNow, "ServiceHealth.HEALTHY", 0, "{}", false);
  server_.Run({"SET", "unrelated:kdcube:heartbeat:process:x:chat:proc:1", "{}"});
  auto source = NewSource({}, true);
  auto samples = source->Collect(At(kNow), absl::Seconds(5));
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].target, (Target{"acme", "one"}));
  EXPECT_EQ(samples[1].parts[0].snapshot->fleet.proc.processes, 1);
  server_.Run({"FLUSHALL"});
  Beat("acme:three", "i", "proc", kNow + 300);
  samples = source->Collect(At(kNow + 300), absl::Seconds(5));
  EXPECT_EQ(samples.size(), 3u);  // the new one is found, the others are not given up yet
  samples = source->Collect(At(kNow + 700), absl::Seconds(5));
  samples = source->Collect(At(kNow + 701), absl::Seconds(5));
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].target.project, "three");
}

TEST_F(RedisSourceTest, FullTargetTableKeepsLiveTargets) {
  RedisSourceOptions options{.url = server_.UnixUrl(), .discover = true, .max_discovered = 3};
  auto source = *RedisSource::Create(std::move(options));
  const auto names = [&](double now) {
    std::string all;
    for (const TargetSample& sample : source->Collect(At(now), absl::Seconds(5))) {
      absl::StrAppend(&all, sample.target.project, " ");
    }
    return all;
  };
  for (int i = 0; i < 200; ++i) {
    server_.Run({"SET", absl::StrCat("evil:", i, ":kdcube:heartbeat:process:x:chat:proc:1"), "{}"});
  }
  const std::string endless(200, 'x');  // longer than any name
  Beat(absl::StrCat("evil:", endless), "i", "proc", kNow);
  for (const char* project : {"a", "b", "c"})
    Beat(absl::StrCat("acme:", project), "i", "proc", kNow);
  EXPECT_EQ(names(kNow), "a b c ");
  EXPECT_EQ(source->LeftOut(), 0u);
  Beat("acme:d", "i", "proc", kNow + 61);
  for (const char* project : {"a", "b"})
    Beat(absl::StrCat("acme:", project), "i", "proc", kNow + 61);
  EXPECT_EQ(names(kNow + 61), "a b c ") << "c is late: it lives";
  EXPECT_EQ(source->LeftOut(), 1u);
  for (const char* project : {"a", "b", "d"}) {
    Beat(absl::StrCat("acme:", project), "i", "proc", kNow + 122);
  }
  EXPECT_EQ(names(kNow + 122), "a b d ") << "it is gone, and gives way";
}

TEST_F(RedisSourceTest, ImpossibleValuesAreMalformedAndAbsent) {
  Beat("t:p", "sound", "proc", kNow, "ServiceHealth.HEALTHY", 3);
  const auto sample = [&](const char* set, int id, const char* milliseconds) {
    const std::string time = absl::StrFormat("%.3f", kNow - 10 - id);
    server_.Run({"ZADD", absl::StrCat("t:p:kdcube:metrics:", set), time,
                 absl::StrCat(time, ":", milliseconds)});
  };
  sample("task_queue_wait_ms:proc", 0, "40");
  sample("task_queue_wait_ms:proc", 1, "-5000");
  sample("task_queue_wait_ms:proc", 2, "1e308");
  sample("task_queue_wait_ms:proc", 3, "-30");  // clocks that disagree
  server_.Run(
      {"LPUSH", "t:p:kdcube:chat:prompt:queue:paid", R"({"meta": {"created_at": -1e308}})"});
  const std::string prefix = "t:p:kdcube:heartbeat:process:";
  const auto beat = [&](const std::string& id, const char* load, const std::string& time) {
    server_.Run({"SET", absl::StrCat(prefix, id, ":chat:proc:1"),
                 absl::StrCat(R"({"instance_id": ")", id, R"(", "service_type": "chat", )",
                              R"("service_name": "proc", "process_id": 1, "current_load": )", load,
                              R"(, "max_capacity": 5, "last_heartbeat": )", time,
                              R"(, "health_status": "healthy"})")});
  };
  const std::string now = absl::StrFormat("%.3f", kNow);
  beat("much", "1e8", now);
  beat("over", "11", now);  // of 5 slots
  beat(std::string(200, 'i'), "1", now);
  beat("old", "1", "-1e308");
  const Snapshot snapshot = Take(*NewSource({{"t", "p"}}), kNow);
  EXPECT_EQ(snapshot.queue.wait[0].count, 2);
  EXPECT_EQ(snapshot.queue.wait[0].max_seconds, 0.04);
  const auto& ages = snapshot.queue.oldest_waiting_seconds;
  EXPECT_EQ(std::ranges::count(ages, MaybeNumber()), 1) << "of the queue with a task";
  EXPECT_EQ(snapshot.fleet.proc.instance_list.size(), 3u);
  EXPECT_GE(snapshot.malformed.proc, 7);
}

TEST_F(RedisSourceTest, OversizedGatewayConfigIsMalformed) {
  Beat("t:p", "i", "proc", kNow);
  auto source = NewSource({{"t", "p"}});
  std::string keys = R"({"a": 1)";
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&keys, R"(, "k)", i, R"(": 1)");
  for (const std::string& text :
       {absl::StrCat(R"({"x": )", std::string(20'000, '['), std::string(20'000, ']'), "}"),
        absl::StrCat(keys, "}"), absl::StrCat(R"({"x": ")", std::string(70'000, 'x'), R"("})")}) {
    server_.Run({"SET", "t:p:kdcube:config:gateway:current", text});
    EXPECT_EQ(Take(*source, kNow).malformed.proc, 1) << text.substr(0, 20);
    RedisSourceOptions options{.url = server_.UnixUrl(), .gateway_config_json = text};
    EXPECT_FALSE(RedisSource::Create(std::move(options)).ok());
  }
}

TEST_F(RedisSourceTest, ThrottlingReasonsExpireAndAreBounded) {
  Beat("t:p", "i", "proc", kNow);
  const auto refuse = [&](double from) {
    for (int i = 0; i < 200; ++i) {
      server_.Run({"ZADD", "t:p:kdcube:throttling:events", absl::StrFormat("%.3f", from + i * 0.01),
                   absl::StrFormat(R"({"reason": "r%.0f-%d", "http_status": 429})", from, i)});
    }
  };
  refuse(kNow - 20);
  auto source = NewSource({{"t", "p"}});
  const auto reasons = [&](double now) {
    const auto samples = source->Collect(At(now), absl::Seconds(5));
    return nlohmann::json::parse(
        samples[0].parts[0].document())["throttling_by_period"]["24h"]["throttled_by_reason"];
  };
  const auto first = reasons(kNow);
  EXPECT_EQ(first.size(), 63u);
  EXPECT_EQ(first["other"], 138);
  refuse(kNow + 25 * 3600 - 20);
  Beat("t:p", "i", "proc", kNow + 25 * 3600);
  const auto later = reasons(kNow + 25 * 3600);
  EXPECT_EQ(later.size(), 63u);
  EXPECT_TRUE(later.contains(absl::StrFormat("r%.0f-0", kNow + 25 * 3600 - 20)));
}

// Defect R12: a tenant's name is no pattern.
TEST_F(RedisSourceTest, GlobCharactersMatchOnlyThemselves) {
  Beat("a*[b]?:p", "own", "proc", kNow, "ServiceHealth.HEALTHY", 0, "{}", false);
  Beat("axbx:p", "foreign", "proc", kNow, "ServiceHealth.HEALTHY", 0, "{}", false);
  const Snapshot snapshot = Take(*NewSource({{"a*[b]?", "p"}}), kNow);
  ASSERT_EQ(snapshot.fleet.proc.instance_list.size(), 1u);
  EXPECT_EQ(snapshot.fleet.proc.instance_list[0].id, "own");
}

// Two hours of a rolling set, followed step by step, against a reader that starts afresh each time.
TEST_F(RedisSourceTest, IncrementalReadMatchesFullRead) {
  const std::string key = "t:p:kdcube:metrics:task_exec_ms:proc";
  auto following = NewSource({{"t", "p"}});
  unsigned random = 7;
  for (int step = 0; step < 40; ++step) {
    const double now = kNow + step * 180;
    std::vector<std::string> command = {"ZADD", key};
    for (int i = 0; i < 300; ++i) {
      random = random * 1664525u + 1013904223u;
      // Half of them in order, half of them late by up to four seconds, some at the same instant.
      const double late = (random >> 8) % 2 == 0 ? 0 : (random >> 10) % 5;
      const std::string time = absl::StrFormat("%.3f", now - 179 + i * 0.59 - late);
      command.push_back(time);
      command.push_back(absl::StrCat(time, ":", (random >> 4) % 5000, ".5"));
    }
    server_.Run(command);
    server_.Run({"ZREMRANGEBYSCORE", key, "-inf", absl::StrFormat("%.3f", now - 3600)});
    const Snapshot followed = Take(*following, now);
    if (step % 5 != 4) continue;
    const Snapshot fresh = Take(*NewSource({{"t", "p"}}), now);
    for (std::size_t w = 0; w < kWindowCount; ++w) {
      EXPECT_EQ(followed.queue.exec[w].count, fresh.queue.exec[w].count) << step << " " << w;
      EXPECT_EQ(followed.queue.exec[w].p50_seconds, fresh.queue.exec[w].p50_seconds);
      EXPECT_EQ(followed.queue.exec[w].p95_seconds, fresh.queue.exec[w].p95_seconds);
      EXPECT_EQ(followed.queue.exec[w].p99_seconds, fresh.queue.exec[w].p99_seconds);
      EXPECT_EQ(followed.queue.exec[w].max_seconds, fresh.queue.exec[w].max_seconds);
    }
    EXPECT_GT(*followed.queue.exec[2].count, 290);
  }
}

// 200 tasks and requests a second for an hour: 720,000 samples in each of three sets.
TEST_F(RedisSourceTest, AnHourAtTwoHundredTasksPerSecondFitsIntoTwentyMegabytes) {
  for (const char* name :
       {"task_exec_ms:proc", "task_queue_wait_ms:proc", "ingress_rest_ms:ingress"}) {
    const std::string key = absl::StrCat("t:p:kdcube:metrics:", name);
    std::string resp;
    for (int i = 0; i < 720'000; i += 1000) {
      absl::StrAppend(&resp, "*2002\r\n$4\r\nZADD\r\n$", key.size(), "\r\n", key, "\r\n");
      for (int j = i; j < i + 1000; ++j) {
        const std::string time =
            absl::StrFormat("%.4f", kNow - 3599 + j * 0.00499 + j % 7 * 0.0001);
        const std::string member = absl::StrCat(time, ":", j * 37 % 30000, ".0");
        absl::StrAppend(&resp, "$", time.size(), "\r\n", time, "\r\n$", member.size(), "\r\n",
                        member, "\r\n");
      }
    }
    server_.Load(resp);
  }
  auto source = NewSource({{"t", "p"}});
  Snapshot snapshot;
  for (int cycle = 0; cycle < 20 && snapshot.rest[2].count != 720'000; ++cycle) {
    snapshot = *source->Collect(At(kNow), absl::Seconds(30))[0].parts[0].snapshot;
  }
  EXPECT_EQ(snapshot.queue.wait[2].count, 720'000);
  EXPECT_EQ(snapshot.queue.exec[2].count, 720'000);
  EXPECT_EQ(snapshot.rest[2].count, 720'000);
  EXPECT_LT(source->MemoryBytes(), 20'000'000u);
}

}  // namespace
}  // namespace chatscale
