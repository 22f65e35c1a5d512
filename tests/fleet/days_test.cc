// Ordinary days, at constant demand: the recommendation settles and stays, whatever is observed
// beside it, and is never below what the work needs.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

#include "tests/fleet/day.h"

namespace chatscale {
namespace {

constexpr double kSettled = 90;  // minutes

struct Range {
  int least = 1'000'000, most = 0, changes = 0;
};

// Of the recommendation from one minute to another.
Range RangeOf(const Day& day, Service service, double from, double to = 1e9) {
  Range range;
  std::optional<int> last;
  for (const Cycle& cycle : day.cycles) {
    if (cycle.minute < from || cycle.minute > to || !cycle.desired[service]) continue;
    const int desired = *cycle.desired[service];
    range.least = std::min(range.least, desired);
    range.most = std::max(range.most, desired);
    range.changes += last && *last != desired ? 1 : 0;
    last = desired;
  }
  return range;
}

// Replicas without which the work cannot be done at all.
PerService<int> BareNeed(const ChatSystem& system) {
  const double busy =
      system.tasks_per_second * system.task_seconds + system.jobs_per_second * system.job_seconds;
  return {static_cast<int>(std::ceil(system.streams / ChatSystem::kStreamLimit)),
          static_cast<int>(std::ceil(busy / ChatSystem::kSlots))};
}

// The same demand on a day on which nothing happens.
const Day& QuietDay(const DayOptions& options) {
  static std::map<std::string, std::unique_ptr<Day>> days;
  auto& day = days[options.policy];
  if (!day) {
    day = std::make_unique<Day>(DayOptions{.policy = options.policy});
    day->Run(kSettled + 120);
  }
  return *day;
}

// From the first recommendation on never below the bare need; once settled, as on the quiet day but
// for chance, and with hardly a change.
void ExpectSteady(const Day& day, const DayOptions& options, const char* what, int slack = 1) {
  const PerService<int> need = BareNeed(day.system);
  for (const Service service : kServices) {
    const Range quiet = RangeOf(QuietDay(options), service, kSettled);
    const Range whole = RangeOf(day, service, 0), settled = RangeOf(day, service, kSettled);
    EXPECT_GE(whole.least, need[service]) << what << ", " << NameOf(service) << "\n"
                                          << day.History();
    EXPECT_GE(settled.least, quiet.least - 2) << what << ", " << NameOf(service) << "\n"
                                              << day.History();
    EXPECT_LE(settled.most, quiet.most + slack) << what << ", " << NameOf(service) << "\n"
                                                << day.History();
    EXPECT_LE(settled.changes, 3 + slack) << what << ", " << NameOf(service);
  }
}

template <typename Which>
void KillWhere(ChatSystem& system, const Which& which) {
  for (const Service service : kServices) {
    const std::deque<ModelReplica> all = system.replicas(service);
    for (const ModelReplica& replica : all) {
      if (which(replica)) system.Kill(service, replica.id);
    }
  }
}

class FleetDay : public testing::TestWithParam<DayOptions> {};

TEST_P(FleetDay, QuietDay) {
  const Day& day = QuietDay(GetParam());
  for (const Service service : kServices) {
    const Range settled = RangeOf(day, service, kSettled);
    EXPECT_LE(settled.most - settled.least, 2) << NameOf(service);
    EXPECT_GE(settled.least, BareNeed(day.system)[service]) << NameOf(service);
  }
}

// `event` at the end of the first hour and a half; then two hours more.
void ExpectSteadyOver(DayOptions options, const char* what, const std::function<void(Day&)>& event,
                      int slack = 1) {
  Day day(options);
  day.Run(kSettled);
  event(day);
  day.Run(120);
  ExpectSteady(day, options, what, slack);
}

void DeployBoth(Day& day) {
  for (const Service service : kServices) day.schedulers[service].Deploy();
}

TEST_P(FleetDay, RollingUpdateWithDrain) { ExpectSteadyOver(GetParam(), "rolling", DeployBoth); }

TEST_P(FleetDay, RollingUpdateOfLongTasks) {
  Day day(GetParam());
  day.system.task_seconds = 240;  // the same work
  day.system.tasks_per_second /= 8;
  day.Run(kSettled);
  const Range before = RangeOf(day, Service::kProc, 30);
  DeployBoth(day);
  day.Run(120);
  // Its growth by chance is larger, and may trigger once.
  ExpectSteady(day, GetParam(), "long tasks", std::max(3, before.most - 7));
}

TEST_P(FleetDay, LongDeregistration) {
  DayOptions options = GetParam();
  options.of_ingress.deregister_seconds = 1500;
  ExpectSteadyOver(options, "25 minutes of overlap", DeployBoth);
}

TEST_P(FleetDay, BlueGreen) {
  DayOptions options = GetParam();
  options.of_proc.blue_green = options.of_ingress.blue_green = true;
  const auto event = [](Day& day) {
    for (const Service service : kServices) day.schedulers[service].options.work_seconds = 1500;
    DeployBoth(day);
  };
  // The streams that blue still had count twice while its heartbeats last: that may trigger.
  ExpectSteadyOver(options, "blue and green", event, 2);
}

TEST_P(FleetDay, HungRollout) {
  ExpectSteadyOver(GetParam(), "a rollout that hangs", [](Day& day) {
    for (const Service service : kServices) day.schedulers[service].broken = true;
    DeployBoth(day);
  });
}

TEST_P(FleetDay, CrashLoop) {
  Day day(GetParam());
  day.Run(kSettled);
  for (int crash = 0; crash < 60; ++crash) {
    const auto& replicas = day.system.replicas(Service::kProc);
    const auto victim = std::ranges::find_if(
        replicas, [&](const ModelReplica& replica) { return replica.Accepts(day.system.now()); });
    if (victim != replicas.end()) day.system.Kill(Service::kProc, victim->id);
    day.Run(1);
  }
  // What it ran waits for another one, and there is always one fewer than wanted.
  ExpectSteady(day, GetParam(), "a crash loop", 2);
}

TEST_P(FleetDay, Canary) {
  ExpectSteadyOver(GetParam(), "a canary", [](Day& day) {
    for (const Service service : kServices) {
      day.beside.emplace_back(SchedulerOptions{.service = service}, 2);
    }
  });
}

TEST_P(FleetDay, RedisRestartsEmpty) {
  // The heartbeats return one by one within ten seconds.
  for (const double seconds : {2, 5, 7}) {
    for (const bool restarts : {false, true}) {
      ExpectSteadyOver(GetParam(), "an empty Redis", [&](Day& day) {
        day.Run(seconds / 60);
        day.EmptyRedis();
        if (restarts) day.chatscales[0] = day.NewChatscale();
      });
    }
  }
}

TEST_P(FleetDay, Failover) {
  Day day(GetParam());
  day.Run(kSettled);
  day.FailOver();
  for (const Service service : kServices) {
    EXPECT_GE(day.cycles.back().current[service], day.schedulers[service].wanted)
        << "the old Redis is read still, " << NameOf(service);
  }
  day.Run(120);
  ExpectSteady(day, GetParam(), "a failover");
}

TEST_P(FleetDay, ChatscaleRollout) {
  ExpectSteadyOver(GetParam(), "an update of chatscale", [](Day& day) {
    day.chatscales.push_back(day.NewChatscale());  // without the state of the other
    day.Run(10);
    day.chatscales.erase(day.chatscales.begin());
  });
}

TEST_P(FleetDay, ConfiguredSlotsNotYetInForce) {
  ExpectSteadyOver(GetParam(), "slots configured and not yet in force", [](Day& day) {
    day.system.config = R"({"service_capacity": {"proc": )"
                        R"({"concurrent_requests_per_process": 40, "processes_per_instance": 1}}})";
  });
}

TEST_P(FleetDay, SlowApplicationPreparation) {
  Day day(GetParam());
  day.Run(kSettled);
  day.system.prepared = false;
  day.Run(8);
  ExpectSteady(day, GetParam(), "applications that prepare");
  // Then what waits for slots is a lack of slots, until it is done.
  day.system.prepared = true;
  day.Run(120);
  EXPECT_LE(RangeOf(day, Service::kProc, day.minute() - 10).most,
            RangeOf(QuietDay(GetParam()), Service::kProc, kSettled).most + 3);
}

TEST_P(FleetDay, BlockedQueueHead) {
  ExpectSteadyOver(GetParam(), "a blocked head", [](Day& day) { day.system.blocked_head = true; });
}

TEST_P(FleetDay, HungWorkers) {
  Day day(GetParam());
  day.Run(kSettled);
  int hung = 0;
  for (ModelReplica& replica : day.system.replicas(Service::kProc)) {
    if (hung < 3) replica.hung = ++hung > 0;
  }
  day.Run(60);
  const Range range = RangeOf(day, Service::kProc, kSettled);
  EXPECT_GE(range.least, RangeOf(day, Service::kProc, 30, kSettled).least);
}

TEST_P(FleetDay, BackgroundJobs) {
  Day day(GetParam());
  day.system.tasks_per_second /= 2;
  day.system.jobs_per_second = day.system.tasks_per_second / 2;
  day.Run(kSettled + 180);
  ExpectSteady(day, GetParam(), "half of the work are jobs");
}

// 2.2 a second are all that a process starts: tasks of 1.5 s keep three of its slots busy.
TEST_P(FleetDay, ShortTasks) {
  DayOptions options = GetParam();
  options.proc = 12;
  Day day(options);
  day.system.tasks_per_second = 16;
  day.system.task_seconds = 1.5;
  day.Run(kSettled + 90);
  const Range range = RangeOf(day, Service::kProc, 0),
              settled = RangeOf(day, Service::kProc, kSettled);
  EXPECT_GE(range.least, 8) << day.History();
  EXPECT_LE(settled.most, 14) << day.History();
  EXPECT_LE(settled.changes, 4) << day.History();
}

TEST_P(FleetDay, SharedInstanceId) {
  Day day(GetParam());
  KillWhere(day.system, [](const ModelReplica&) { return true; });
  day.system.shared_instance = "proc-1";
  day.system.config = R"({"service_capacity": {"proc": )"
                      R"({"concurrent_requests_per_process": 10, "processes_per_instance": 1}}})";
  day.Run(kSettled + 120);
  ExpectSteady(day, GetParam(), "one INSTANCE_ID");
}

TEST(HpaOfFleet, HigherHpaMinimumCausesNoFlapping) {
  for (const char* policy : {"", "responsive.yaml"}) {
    Day day({.policy = policy, .least = 12});
    day.Run(8 * 60);
    for (const Service service : kServices) {
      EXPECT_LE(RangeOf(day, service, kSettled).changes, 4) << NameOf(service) << day.History();
    }
  }
}

// Up to twice the demand within an hour and down again.
TEST_P(FleetDay, Ramp) {
  Day day(GetParam());
  day.Run(kSettled);
  const double tasks = day.system.tasks_per_second, streams = day.system.streams;
  for (int minute = 0; minute <= 240; ++minute) {
    const double more = 1 + std::max(0.0, 1 - std::abs(minute - 60) / 60.0);
    day.system.tasks_per_second = more * tasks;
    day.system.streams = more * streams;
    day.Run(1);
    const PerService<int> need = BareNeed(day.system);
    for (const Service service : kServices) {
      ASSERT_GE(*day.cycles.back().desired[service], need[service]) << minute << day.History();
    }
  }
  for (const Service service : kServices) {
    EXPECT_LE(RangeOf(day, service, day.minute() - 30).most, RangeOf(day, service, kSettled).most);
  }
}

// Twice the demand, and replicas that take eight minutes to start: enough, and not much more.
TEST_P(FleetDay, SlowReplicaStartup) {
  DayOptions options = GetParam();
  options.of_proc.work_seconds = options.of_ingress.work_seconds = 480;
  Day day(options);
  day.Run(kSettled);
  day.system.tasks_per_second *= 2;
  day.system.streams *= 2;
  day.Run(180);
  const PerService<int> need = BareNeed(day.system);
  for (const Service service : kServices) {
    const Range late = RangeOf(day, service, kSettled + 120);
    const int quiet = RangeOf(QuietDay(options), service, kSettled).most;
    EXPECT_GE(late.least, need[service]) << NameOf(service);
    EXPECT_LE(late.most, 2 * quiet + 2) << NameOf(service);
  }
}

// Half of the demand, and replicas that drain for a quarter of an hour.
TEST_P(FleetDay, ScaleInWithALongDrain) {
  DayOptions options = GetParam();
  options.proc = 16;
  Day day(options);
  day.system.task_seconds = 240;
  day.system.tasks_per_second = 0.4;
  day.Run(kSettled);
  const int before = RangeOf(day, Service::kProc, kSettled - 1).most;
  day.system.tasks_per_second /= 2;
  day.Run(240);
  const Range after = RangeOf(day, Service::kProc, kSettled);
  EXPECT_LE(after.most, before) << "what drains must not be asked for again";
  EXPECT_GE(after.least, BareNeed(day.system).proc);
  EXPECT_LT(RangeOf(day, Service::kProc, day.minute() - 60).most, before);
}

// Any of it in any order, for a day; then three hours of quiet, and the last of them is as ever.
class RandomDay {
 public:
  explicit RandomDay(const DayOptions& options) : day_(options), dice_(options.seed) {
    day_.Run(kSettled);
    for (int event = 0; event < 12; ++event) Disturb();
    for (Scheduler& scheduler : day_.beside) scheduler.wanted = 0;
    day_.system.blocked_head = false;
    DeployBoth(day_);
    day_.Run(180);
  }
  const Day& day() const { return day_; }

 private:
  using Event = void (RandomDay::*)();

  void Disturb() {
    static constexpr std::array<Event, 10> kEvents = {
        &RandomDay::Deploy, &RandomDay::Hang,   &RandomDay::Canary, &RandomDay::NewChatscale,
        &RandomDay::Flush,  &RandomDay::Block,  &RandomDay::Crash,  &RandomDay::Unprepared,
        &RandomDay::HangUp, &RandomDay::Silence};
    (this->*kEvents[static_cast<std::size_t>(dice_.Uniform() * kEvents.size())])();
    day_.Run(std::floor(dice_.Uniform() * 60));
  }
  void Deploy() { DeployBoth(day_); }
  void Hang() {
    for (const bool broken : {true, false}) {
      for (const Service service : kServices) day_.schedulers[service].broken = broken;
      DeployBoth(day_);
      day_.Run(40);
    }
  }
  void Canary() {
    if (day_.beside.empty()) {
      for (const Service service : kServices) {
        day_.beside.emplace_back(SchedulerOptions{.service = service}, 0);
      }
    }
    for (Scheduler& scheduler : day_.beside) scheduler.wanted = 2 - scheduler.wanted;
  }
  void NewChatscale() { day_.chatscales[0] = day_.NewChatscale(); }
  void Flush() { day_.EmptyRedis(); }
  void Block() { day_.system.blocked_head = !day_.system.blocked_head; }
  void Crash() {
    KillWhere(day_.system, [this](const ModelReplica&) { return dice_.Uniform() < 0.3; });
  }
  void Unprepared() {
    day_.system.prepared = false;
    day_.Run(3);
    day_.system.prepared = true;
  }
  // The liveness probe ends them.
  void HangUp() {
    for (const Service service : kServices) {
      for (ModelReplica& replica : day_.system.replicas(service)) {
        replica.hung = dice_.Uniform() < 0.3;
      }
    }
    day_.Run(5);
    KillWhere(day_.system, [](const ModelReplica& replica) { return replica.hung; });
  }
  void Silence() {
    auto away = std::exchange(day_.chatscales, {});
    day_.Run(7);
    day_.chatscales = std::move(away);
  }

  Day day_;
  Dice dice_;
};

TEST_P(FleetDay, RandomEvents) {
  const char* given = std::getenv("CHATSCALE_DAYS");
  const int days = given != nullptr ? std::atoi(given) : 2;
  for (int seed = 1; seed <= days; ++seed) {
    DayOptions options = GetParam();
    options.seed = static_cast<std::uint64_t>(seed);
    const RandomDay random(options);
    const Day& day = random.day();
    const PerService<int> need = BareNeed(day.system);
    for (const Service service : kServices) {
      const Range quiet = RangeOf(QuietDay(options), service, kSettled);
      const Range whole = RangeOf(day, service, 0);
      const Range end = RangeOf(day, service, day.minute() - 60);
      // Above the quiet day it may stay within the hysteresis of the policy, and not move.
      const int idle = service == Service::kIngress ? 15 : quiet.most + 2;
      const bool holds = whole.least >= need[service] && whole.most <= 5 * quiet.most &&
                         end.most <= idle && end.changes <= 2;
      EXPECT_TRUE(holds) << "seed " << seed << ", " << NameOf(service) << "\n" << day.History();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, FleetDay,
                         testing::Values(DayOptions{}, DayOptions{.policy = "responsive.yaml"},
                                         DayOptions{.ecs = true}),
                         [](const auto& test) {
                           const DayOptions& options = test.param;
                           return std::string(options.policy.empty() ? "Documented"
                                                                     : "Responsive") +
                                  (options.ecs ? "Ecs" : "Hpa");
                         });

}  // namespace
}  // namespace chatscale
