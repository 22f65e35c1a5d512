// One row of the specification each, played through Recommend.
#include "tests/recommender/scenario.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "recommender/explain.h"
#include "recommender/recommendation.h"

namespace chatscale::recommender {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void Busy(Signals& s) { s.ingress.streams = 150; }
void Idle(Signals& s) {
  s.ingress.streams = 50;
  s.ingress.rest_p95_seconds = 0.4;
  s.proc.queue_total = 1;
  s.proc.busy_slots = 1;
  s.proc.wait_p95_seconds = 0.2;
}
void Nothing(Signals&) {}

TEST(Ingress, ScalesOutExactlyWhenTheDurationIsOver) {
  Player player;
  EXPECT_EQ(player.Play(8, Busy).recommendations.ingress.desired, 2);
  EXPECT_EQ(player.Play(1, Busy).recommendations.ingress.desired, 3);
  EXPECT_EQ(player.ingress().decision, Decision::kScaleOut);
}

TEST(Ingress, ThresholdItselfDoesNotScaleOut) {
  Player player;
  player.Play(40, [](Signals& s) { s.ingress.streams = 140; });
  EXPECT_EQ(player.ingress().desired, 2);
  player.Play(9, [](Signals& s) { s.ingress.streams = 141; });
  EXPECT_EQ(player.ingress().desired, 3);
}

TEST(BothServices, ScaleInExactlyWhenTheInWindowIsOver) {
  Player player;
  player.Play(40, Idle);
  EXPECT_EQ(player.ingress().desired, 2);
  EXPECT_EQ(player.proc().desired, 2);
  player.Play(1, Idle);
  EXPECT_EQ(player.ingress().desired, 1);
  EXPECT_EQ(player.proc().desired, 1);
}

TEST(Ingress, NoRequestsCountAsLowLatency) {
  Player player;
  player.Play(41, [](Signals& s) {
    Idle(s);
    s.ingress.rest_p95_seconds.reset();
    s.ingress.rest_samples = 0;
  });
  EXPECT_EQ(player.ingress().desired, 1);
}

// Streams of some of the live workers: enough to scale out on, never to scale in.
TEST(Ingress, PartialStreamsNeverScaleIn) {
  const auto partly = [](double streams) {
    return [streams](Signals& s) {
      Idle(s);
      s.ingress.streams.reset();
      s.ingress.stream_capacity.reset();
      s.ingress.streams_at_least = streams;
      s.ingress.streams_per_replica = 100;
    };
  };
  Player player;
  player.Play(100, partly(5));
  EXPECT_EQ(player.ingress().desired, 2);
  EXPECT_EQ(player.ingress().rules[3].status, RuleStatus::kNoData);
  player.Play(9, partly(150));
  EXPECT_EQ(player.ingress().desired, 3);
  EXPECT_TRUE(player.ingress().sizing.at_least);
  // A full in-window of whole figures is needed before the next scale-in.
  const auto whole = [](Signals& s) {
    Idle(s);
    s.ingress.current_replicas = 3;
    s.ingress.stream_capacity = 300;
  };
  player.Play(40, whole);
  EXPECT_EQ(player.ingress().desired, 3);
  player.Play(1, whole);
  EXPECT_EQ(player.ingress().desired, 2);
}

TEST(BothServices, MissingOrMalformedSignalPreventsScaleIn) {
  using Spoil = void (*)(Signals&);
  const Spoil ingress[] = {
      [](Signals& s) { s.ingress.streams.reset(); },
      [](Signals& s) { s.ingress.streams = kNan; },
      [](Signals& s) { s.ingress.streams = -1; },
      [](Signals& s) { s.ingress.stream_capacity.reset(); },
      [](Signals& s) { s.ingress.rest_p95_seconds.reset(); },
      [](Signals& s) { s.ingress.rest_p95_seconds = -0.1; },
      [](Signals& s) { s.ingress.rest_samples = 4; },
      [](Signals& s) { s.ingress.current_replicas.reset(); },
      [](Signals& s) { s.ingress.current_replicas = 0; },
      [](Signals& s) { s.ingress.partial = true; },
      [](Signals& s) { s.ingress.sampled_at.reset(); },
      [](Signals& s) { *s.ingress.sampled_at -= absl::Seconds(61); },
      [](Signals& s) { s.ingress.rest_samples = std::numeric_limits<double>::infinity(); },
  };
  const Spoil proc[] = {
      [](Signals& s) {
        s.proc.queue_total.reset();
        s.proc.waiting.reset();
      },
      [](Signals& s) { s.proc.queue_total = kNan; },
      [](Signals& s) { s.proc.queue_capacity.reset(); },
      [](Signals& s) { s.proc.queue_capacity = -16; },
      [](Signals& s) { s.proc.wait_p95_seconds.reset(); },
      [](Signals& s) { s.proc.wait_samples = 4; },
      [](Signals& s) { s.proc.current_replicas.reset(); },
      [](Signals& s) { s.proc.current_replicas = 0; },
      [](Signals& s) { s.proc.current_replicas = 1.5; },
      [](Signals& s) { s.proc.partial = true; },
      [](Signals& s) { *s.proc.sampled_at -= absl::Seconds(61); },
      [](Signals& s) { s.proc.exec_p50_seconds = kNan; },
  };
  int row = 0;
  for (const Spoil spoil : ingress) {
    Player player;
    player.Play(1, Idle);
    for (int i = 0; i < 80; ++i) {
      player.Play(1, [&](Signals& s) {
        Idle(s);
        spoil(s);
      });
      ASSERT_NE(player.ingress().decision, Decision::kScaleIn) << "ingress row " << row;
      ASSERT_GE(player.ingress().desired.value_or(2), 2) << "ingress row " << row;
    }
    ++row;
  }
  row = 0;
  for (const Spoil spoil : proc) {
    Player player;
    player.Play(1, Idle);
    for (int i = 0; i < 80; ++i) {
      player.Play(1, [&](Signals& s) {
        Idle(s);
        spoil(s);
      });
      ASSERT_NE(player.proc().decision, Decision::kScaleIn) << "proc row " << row;
      ASSERT_GE(player.proc().desired.value_or(2), 2) << "proc row " << row;
    }
    ++row;
  }
}

TEST(Proc, NeverScalesBelowInWindowMaximum) {
  Player player;
  Set(player.policy, "proc.out.pressure.enabled", "false");
  const auto four = [&](Signals& s) {
    Idle(s);
    s.proc.current_replicas = player.state.proc.desired.value_or(4);
    s.proc.queue_capacity = 1000;
  };
  player.Play(30, [&](Signals& s) {
    four(s);
    s.proc.queue_total = 16;
    s.proc.busy_slots = 16;
  });
  player.Play(35, four);
  EXPECT_GE(player.proc().desired, 3) << "16 busy slots were seen less than 10 minutes ago";
  player.Play(80, four);
  EXPECT_LE(player.proc().desired, 2);
}

TEST(Proc, HungWorkersBreachTheWaitRule) {
  Player player;
  player.Play(20, Nothing);
  const auto hung = [](Signals& s) {
    s.proc.queue_capacity = 100;
    s.proc.queue_total = 26;
    s.proc.waiting = 18;
    s.proc.wait_p95_seconds.reset();
    s.proc.wait_samples = 0;
    s.proc.oldest_waiting_seconds.reset();
    s.proc.completed = 0;
  };
  player.Play(9, hung);
  EXPECT_EQ(player.proc().desired, 2);
  player.Play(2, hung);
  EXPECT_GT(player.proc().desired, 2);
  EXPECT_EQ(player.proc().rules[1].status, RuleStatus::kActive);
  EXPECT_TRUE(player.proc().rules[1].at_least);
}

TEST(Proc, TheOldestTaskCountsWhenItIsWorseThanThePercentile) {
  Player player;
  player.Play(9, [](Signals& s) {
    s.proc.waiting = 1;
    s.proc.queue_total = 9;
    s.proc.oldest_waiting_seconds = 3.5;
  });
  EXPECT_EQ(player.proc().rules[1].status, RuleStatus::kActive);
  EXPECT_EQ(player.proc().rules[1].value, 3.5);
}

TEST(Proc, WithoutSizingAddsOneReplicaAtATime) {
  Player player;
  const auto slow = [&](Signals& s) {
    s.proc.exec_p50_seconds.reset();
    s.proc.exec_p95_seconds.reset();
    s.proc.waiting = 4;
    s.proc.queue_total = 12;
    s.proc.queue_capacity = 100;
    s.proc.wait_p95_seconds = 5;
    s.proc.current_replicas = player.state.proc.desired.value_or(2);
  };
  player.Play(9, slow);
  EXPECT_EQ(player.proc().desired, 3);
  player.Play(19, slow);
  EXPECT_EQ(player.proc().desired, 3);
  player.Play(1, slow);
  EXPECT_EQ(player.proc().desired, 4);
}

TEST(Replicas, DroppingToZeroHoldsTheRecommendation) {
  Player player;
  player.Play(1, Nothing);
  player.Play(20, [](Signals& s) {
    s.proc.current_replicas = 0;
    s.proc.waiting = 100;
    s.proc.queue_total = 100;
    s.proc.busy_slots = 0;
    s.proc.slots_per_replica.reset();
  });
  EXPECT_EQ(player.proc().desired, 2);
  EXPECT_TRUE(player.proc().incident);
  EXPECT_EQ(player.proc().raw, 2) << "without capacity no rule knows what to ask for";
  EXPECT_TRUE(player.proc().limited.empty());
  EXPECT_EQ(Explain(player.proc()),
            "proc: stays at 2 replicas: no healthy replica is observed; 100 tasks are there.");
}

TEST(Replicas, ZeroGivesNoStartingCount) {
  Player player;
  player.Play(3, [](Signals& s) { s.proc.current_replicas = 0; });
  EXPECT_EQ(player.proc().desired, std::nullopt);
  player.Play(1, Nothing);
  EXPECT_EQ(player.proc().desired, 2);
}

TEST(Stale, RecommendationIsHeldThenWithheld) {
  Player player;
  player.Play(1, Nothing);
  const auto gone = [](Signals& s) { s.proc.sampled_at.reset(); };
  player.Play(20, gone);
  EXPECT_EQ(player.proc().desired, 2) << "5 minutes old";
  EXPECT_FALSE(player.proc().fresh);
  player.Play(1, gone);
  EXPECT_EQ(player.proc().desired, std::nullopt);
  EXPECT_EQ(player.ingress().desired, 2) << "the other component is not concerned";
  player.Play(1, [](Signals& s) { s.proc.current_replicas = 5; });
  EXPECT_EQ(player.proc().desired, 5);
  EXPECT_TRUE(player.proc().notes.Has(Reason::kResumed));
}

TEST(Hold, KeepsOurRecommendationWhileReplicasStart) {
  Player player;
  player.Play(9, Busy);
  ASSERT_EQ(player.ingress().desired, 3);
  player.Play(20, Nothing);
  EXPECT_EQ(player.ingress().desired, 3) << "two observed, three recommended";
}

// 19 replicas with 10 slots each, 170 busy; then half of the heartbeats are gone, and stay away.
void HalfGone(Signals& s, bool gone) {
  s.proc.current_replicas = gone ? 10 : 19;
  s.proc.slots_per_replica = 10;
  s.proc.busy_slots = gone ? 90 : 170;
  s.proc.in_flight = 170;
  s.proc.queue_total = 170;
  s.proc.waiting = 0;
  s.proc.queue_capacity = gone ? 390 : 741;
  s.ingress.current_replicas = gone ? 4 : 9;
  s.ingress.streams = gone ? 208 : 468;
  s.ingress.stream_capacity = gone ? 400 : 900;
}

TEST(Outage, LosingHalfTheHeartbeatsKeepsTheRecommendation) {
  Player player;
  player.Play(60, [](Signals& s) { HalfGone(s, false); });
  ASSERT_EQ(player.proc().desired, 19);
  ASSERT_EQ(player.ingress().desired, 9);
  for (int tick = 0; tick < 79; ++tick) {
    player.Play(1, [](Signals& s) { HalfGone(s, true); });
    ASSERT_EQ(player.proc().desired, 19) << tick;
    ASSERT_EQ(player.ingress().desired, 9) << tick;
  }
  // What is observed is never taken over. 80 claimed tasks have no live process: no reason to go.
  player.Play(200, [](Signals& s) { HalfGone(s, true); });
  EXPECT_EQ(player.ingress().desired, 9);
  EXPECT_EQ(player.proc().desired, 19);
  EXPECT_TRUE(player.proc().notes.Has(Reason::kOrphaned));
  EXPECT_TRUE(player.ingress().notes.Has(Reason::kShortage));
  EXPECT_NE(Explain(player.proc()).find("80 claimed tasks have no live process"), std::string::npos)
      << Explain(player.proc());
}

// Half of the processors hang, in a document that does not tell what waits from what runs.
TEST(Hung, HungHalfOfWorkersPreventsScaleIn) {
  Player player;
  const auto hang = [&](bool hung) {
    player.Play(hung ? 200 : 60, [&](Signals& s) {
      s.proc.current_replicas = hung ? 9 : 19;
      s.proc.slots_per_replica = 10;
      s.proc.busy_slots = hung ? 80 : 170;
      s.proc.queue_total = 170;
      s.proc.waiting.reset();
      s.proc.queue_capacity = hung ? 252 : 532;
      s.proc.wait_p95_seconds = 0;
      s.proc.completed = hung ? 190 : 408;
    });
  };
  hang(false);
  ASSERT_EQ(player.proc().desired, 19);
  hang(true);
  EXPECT_EQ(player.proc().desired, 19);
}

// Claimed tasks of dead workers, while the live ones run nothing.
TEST(Hung, OrphanedTasksDoNotScaleOut) {
  Player player;
  player.Play(60, [](Signals& s) {
    Idle(s);
    s.proc.in_flight = s.proc.queue_total = 50;
    s.proc.busy_slots = 0;
    s.proc.queue_capacity = 48;
    s.proc.wait_samples = 0;
    s.proc.wait_p95_seconds.reset();
  });
  EXPECT_EQ(player.proc().desired, 2);
  EXPECT_EQ(player.proc().sizing.demand, 0);
  EXPECT_EQ(player.proc().sizing.orphaned, 50);
}

// Four replicas with ten slots, none recommended yet; what an upstream document tells of them.
int StartedAnew(double busy, double total, const std::function<void(Signals&)>& change) {
  Player player;
  player.started = false;
  player.Play(8, [&](Signals& s) {
    s.proc.current_replicas = 4;
    s.proc.slots_per_replica = 10;
    s.proc.queue_capacity = 112;
    s.proc.busy_slots = busy;
    s.proc.queue_total = total;
    s.proc.live_slots = 40;
    s.proc.free_slots = 40 - busy;
    s.proc.free_processes = busy < 40 ? 4 : 0;
    s.proc.free_load = busy < 40 ? busy : 0;
    s.proc.waiting.reset();
    change(s);
  });
  return player.proc().desired.value_or(0);
}

TEST(FirstView, BacklogIsSizedOnceAtStartup) {
  const int told = StartedAnew(40, 300, [](Signals& s) {
    s.proc.waiting = 260;
    s.proc.in_flight = 40;
  });
  EXPECT_EQ(StartedAnew(40, 300, Nothing), told);
  EXPECT_GT(told, 4);
  EXPECT_LT(told, 20);
  EXPECT_EQ(StartedAnew(0, 480, Nothing), 4) << "blocked: no lack of slots";
  EXPECT_EQ(StartedAnew(11, 131,
                        [](Signals& s) {
                          s.proc.waiting = 0;
                          s.proc.in_flight = 131;
                        }),
            4)
      << "claimed tasks without a live process raise nothing";
}

// Blue is killed; its streams have reconnected to green, and count twice while its keys live.
TEST(Overlap, StreamsCountedTwiceForAMinuteDoNotScaleOut) {
  for (const int ticks : {4, 12}) {
    Player player;
    const auto play = [&](int some, double replicas, double streams) {
      player.Play(some, [&](Signals& s) {
        s.ingress.current_replicas = replicas;
        s.ingress.streams = streams;
        s.ingress.stream_capacity = 100 * replicas;
      });
    };
    play(60, 4, 260);
    play(20, 8, 260);
    play(ticks, 8, 500);
    play(20, 4, 260);
    EXPECT_EQ(player.ingress().desired > 4, ticks == 12) << Explain(player.ingress());
  }
}

// More wait than are done in time without more slots, and no chat task does.
TEST(Jobs, BacklogScalesOut) {
  for (const double waiting : {20, 900}) {
    Player player;
    player.Play(20, [&](Signals& s) {
      s.proc.current_replicas = 4;
      s.proc.slots_per_replica = 10;
      s.proc.queue_capacity = 112;
      s.proc.busy_slots = s.proc.jobs_claimed = 40;
      s.proc.queue_total = s.proc.in_flight = 0;
      s.proc.jobs_waiting = waiting;
      s.proc.wait_p95_seconds = 0;
    });
    EXPECT_EQ(player.proc().desired > 4, waiting == 900) << Explain(player.proc());
    EXPECT_EQ(player.proc().rules[0].value > 0.7, waiting == 900);
  }
}

TEST(FirstView, PartialFleetGivesNoRecommendation) {
  Player player{.started = false};
  int seen = 1;
  for (int tick = 0; tick < 40; ++tick) {
    player.Play(1, [&](Signals& s) {
      seen = std::min(10, seen + 3);
      s.proc.current_replicas = s.ingress.current_replicas = seen;
      s.ingress.stream_capacity = 100 * seen;
    });
    for (const Recommendation& r : {player.ingress(), player.proc()}) {
      if (r.valid()) {
        EXPECT_EQ(r.desired, 10) << tick;
      }
      EXPECT_EQ(r.limited.Has(Reason::kFirstView), !r.valid()) << tick;
    }
    EXPECT_EQ(player.proc().valid(), tick >= 8) << tick;  // whole at 30 s, and 90 s more
  }
}

TEST(FirstView, StartsAtLeastAtTheNeededCount) {
  Player player{.started = false};
  player.Play(7, [](Signals& s) {
    s.proc.current_replicas = 3;
    s.proc.queue_total = 86;
    s.proc.waiting = 62;
    s.proc.in_flight = 24;
    s.proc.busy_slots = 24;
  });
  EXPECT_TRUE(player.proc().notes.Has(Reason::kStarted));
  EXPECT_GE(player.proc().desired, 6) << "24 run, and 62 of 20 s are to be cleared in a minute";
}

// Twice the fleet for 25 minutes: both halves take streams and tasks.
TEST(Overlap, RolloutSurgeChangesNoRecommendation) {
  Player player;
  const auto play = [&](int ticks, double observed) {
    player.Play(ticks, [&](Signals& s) {
      s.ingress.current_replicas = s.proc.current_replicas = observed;
      s.ingress.streams = 550;
      s.ingress.stream_capacity = 100 * observed;
      s.proc.queue_total = s.proc.busy_slots = 50;
      s.proc.queue_capacity = 25 * observed;
    });
  };
  play(20, 10);
  const int ingress = *player.ingress().desired, proc = *player.proc().desired;
  ASSERT_EQ(ingress, 10);
  for (int tick = 0; tick < 100; ++tick) {
    play(1, 20);
    ASSERT_EQ(player.ingress().desired, ingress) << tick;
    ASSERT_EQ(player.proc().desired, proc) << tick;
    ASSERT_EQ(player.ingress().rules[0].value, 0.55) << "of the replicas that are ordered";
    ASSERT_EQ(AutoscalerValuesOf(player.ingress()).ratio_percent, 100);
  }
  EXPECT_TRUE(player.ingress().notes.Has(Reason::kSurplus));
  EXPECT_NE(Explain(player.ingress()).find("20 observed now; for more than 10 min more"),
            std::string::npos)
      << Explain(player.ingress());
}

TEST(Override, RaisesTheCountUntilItExpires) {
  Player player;
  player.Play(5, Nothing);
  Set(player.policy, "proc.override.min_replicas", "7");
  Set(player.policy, "proc.override.until",
      absl::FormatTime(absl::RFC3339_full, player.now + absl::Hours(1), absl::UTCTimeZone()));
  player.Play(1, Nothing);
  EXPECT_EQ(player.proc().desired, 7);
  EXPECT_EQ(player.proc().override_until, player.now - player.interval + absl::Hours(1));
  EXPECT_TRUE(player.proc().limited.Has(Reason::kOverride));
  EXPECT_NE(
      Explain(player.proc()).find("an override allows 7 to 100 replicas until 2023-11-14 23:14"),
      std::string::npos)
      << Explain(player.proc());
  Set(player.policy, "proc.override.min_replicas", "2");
  player.Play(1, Nothing);
  EXPECT_EQ(player.proc().desired, 7);
  EXPECT_NE(Explain(player.proc()).find("an override allows 2"), std::string::npos)
      << "also where it limits nothing: " << Explain(player.proc());
  player.Play(300, Idle);
  EXPECT_LT(*player.proc().desired, 7) << "and it is gone at its end";
  EXPECT_EQ(player.proc().override_until, std::nullopt);
}

// While it lasts nobody follows it; what runs then is more than the recommended replicas can run.
TEST(Override, RunningTasksCountAfterMaximumExpires) {
  Player player;
  const auto busy = [](Signals& s) {
    Idle(s);
    s.proc.current_replicas = 5;
    s.proc.slots_per_replica = 10;
    s.proc.queue_total = s.proc.in_flight = s.proc.busy_slots = 25;
    s.proc.waiting = 0;
    s.proc.queue_capacity = 140;
  };
  player.Play(5, busy);
  Set(player.policy, "proc.override.max_replicas", "1");
  Set(player.policy, "proc.override.until",
      absl::FormatTime(absl::RFC3339_full, player.now + absl::Minutes(5), absl::UTCTimeZone()));
  player.Play(10, busy);
  EXPECT_EQ(player.proc().desired, 1);
  player.Play(12, busy);
  EXPECT_GE(player.proc().desired, 3);
}

TEST(Blocked, QueueCountsWhileOtherWorkersProgress) {
  for (const bool others_work : {true, false}) {
    Player player;
    player.policy.proc.out.trigger.enabled = true;
    int tick = 0;
    player.Play(120, [&](Signals& s) {
      Idle(s);
      ++tick;
      s.proc.current_replicas = 4;
      s.proc.slots_per_replica = 10;
      s.proc.live_slots = 40;
      s.proc.in_flight = s.proc.busy_slots = 20;
      s.proc.waiting = 4.0 * tick;
      s.proc.queue_total = 20 + 4.0 * tick;
      s.proc.queue_capacity = 112;
      s.proc.free_slots = 20;
      s.proc.free_processes = 2;
      s.proc.free_load = 0;
      s.proc.completed = others_work ? 60 : 0;
      s.proc.exec_p50_seconds = s.proc.exec_p95_seconds = 20;
      s.proc.oldest_waiting_seconds = 15.0 * tick;
    });
    EXPECT_EQ(player.proc().desired > 4, others_work) << Explain(player.proc());
    EXPECT_NE(Explain(player.proc()).find("20 slots are free and take none"), std::string::npos);
  }
}

// A process starts 2.2 tasks a second: of tasks that take one second it runs two, whatever its
// slots.
TEST(Sizing, ShortTasksAreSizedByStartRate) {
  Player player;
  player.policy.proc.out.trigger.enabled = true;
  player.Play(300, [](Signals& s) {
    Idle(s);
    s.proc.current_replicas = 12;
    s.proc.slots_per_replica = 10;
    s.proc.processes_per_replica = 1;
    s.proc.queue_total = s.proc.in_flight = s.proc.busy_slots = 16;
    s.proc.waiting = 0;
    s.proc.queue_capacity = 336;
    s.proc.completed = 16 * 60;
    s.proc.exec_p50_seconds = s.proc.exec_p95_seconds = 1;
    s.proc.wait_p95_seconds = 0.1;
  });
  EXPECT_GE(*player.proc().desired, 8) << Explain(player.proc());
}

// Four processors with ten slots: their applications are being prepared, none takes what waits.
TEST(Blocked, BacklogBesideFreeSlotsDoesNotScaleOut) {
  for (const bool responsive : {false, true}) {
    Player player;
    player.policy.proc.out.trigger.enabled = responsive;
    if (responsive) Set(player.policy, "proc.out.queue_wait_fast.enabled", "true");
    const auto working = [](Signals& s) {
      s.proc.current_replicas = 4;
      s.proc.slots_per_replica = 10;
      s.proc.live_slots = 40;
      s.proc.queue_total = s.proc.in_flight = s.proc.busy_slots = 32;
      s.proc.queue_capacity = 112;
      s.proc.free_slots = 8;
      s.proc.free_processes = 4;
      s.proc.free_load = 32;
      s.proc.completed = 96;
      s.proc.wait_p95_seconds = 0.2;
    };
    player.Play(80, working);
    ASSERT_EQ(player.proc().desired, 4);
    for (int tick = 1; tick <= 60; ++tick) {
      player.Play(1, [&](Signals& s) {
        working(s);
        const double running = std::max(0.0, 32 - 24.0 * tick);
        s.proc.waiting = 24.0 * tick;
        s.proc.queue_total = running + 24.0 * tick;
        s.proc.in_flight = s.proc.busy_slots = s.proc.free_load = running;
        s.proc.free_slots = 40 - running;
        constexpr double kCompleted[] = {96, 96, 80, 56, 32, 8};
        s.proc.completed = tick < 6 ? kCompleted[tick] : 0;
        s.proc.oldest_waiting_seconds = 15.0 * tick;
        if (tick > 4) s.proc.wait_p95_seconds.reset();
      });
      ASSERT_EQ(player.proc().desired, 4) << tick << Explain(player.proc());
    }
    EXPECT_NE(Explain(player.proc()).find("1440 tasks wait while 40 slots are free"),
              std::string::npos)
        << Explain(player.proc());
  }
}

// A follow-up message waits for the turn that runs in its conversation; others pass it.
TEST(Blocked, OldestTaskBesideFreeSlotsDoesNotScaleOut) {
  Player player;
  Set(player.policy, "proc.out.queue_wait_fast.enabled", "true");
  const auto blocked = [](Signals& s) {
    Idle(s);
    s.proc.current_replicas = 4;
    s.proc.slots_per_replica = 10;
    s.proc.live_slots = 40;
    s.proc.queue_total = 13;
    s.proc.in_flight = s.proc.busy_slots = s.proc.free_load = 12;
    s.proc.waiting = 1;
    s.proc.queue_capacity = 112;
    s.proc.free_slots = 28;
    s.proc.free_processes = 4;
    s.proc.completed = 36;
    s.proc.oldest_waiting_seconds = 500;
  };
  player.Play(30, blocked);
  EXPECT_EQ(player.proc().desired, 4);
  EXPECT_EQ(player.proc().rules[1].status, RuleStatus::kNoData);
  const auto& rules = player.proc().rules;
  const auto in_wait = std::ranges::find_if(rules, [](const RuleReport& rule) {
    return rule.row->name == "queue_wait" && rule.row->direction == Direction::kIn;
  });
  EXPECT_EQ(in_wait->value, 0.2) << "how long those waited that started";
  player.Play(60, blocked);
  EXPECT_LT(*player.proc().desired, 4) << "nor does it forbid a scale-in for ever";
}

TEST(Lost, TasksLostBeforeRunningPreventScaleIn) {
  for (const bool lost : {false, true}) {
    Player player;
    double admitted = 1000, finished = 900;
    player.Play(100, [&](Signals& s) {
      Idle(s);
      s.proc.queue_total = s.proc.busy_slots = 0;
      s.proc.wait_samples = 0;
      s.proc.wait_p95_seconds.reset();
      admitted += 10;
      if (!lost) finished += 10;
      s.proc.admitted_tasks = admitted;
      s.proc.finished_tasks = finished;
    });
    EXPECT_EQ(player.proc().desired, lost ? 2 : 1);
    EXPECT_EQ(player.proc().limited.Has(Reason::kLostWork), lost);
  }
}

TEST(Jobs, BusySlotsPreventScaleIn) {
  for (const double claimed : {40, 0}) {  // 0: by a group that cannot be read
    Player player;
    player.Play(200, [&](Signals& s) {
      Idle(s);
      s.proc.current_replicas = 4;
      s.proc.slots_per_replica = 10;
      s.proc.queue_total = s.proc.waiting = s.proc.in_flight = 0;
      s.proc.busy_slots = 40;
      s.proc.jobs_claimed = claimed;
      s.proc.jobs_waiting = 500;
      s.proc.completed = 0;
      s.proc.wait_p95_seconds.reset();
      s.proc.wait_samples = 0;
      s.proc.queue_capacity = 112;
    });
    EXPECT_EQ(player.proc().desired, 4);
    EXPECT_GE(player.proc().sizing.need, 40);
    EXPECT_EQ(player.proc().sizing.jobs_waiting, 500);
  }
}

// The keys of the queue are gone for a while; the processes work all the same.
TEST(Doubted, EmptyQueueWithBusyProcessesIsUnknown) {
  Player player;
  const auto queue = [](bool there) {
    return [there](Signals& s) {
      Idle(s);
      s.proc.current_replicas = 10;
      s.proc.slots_per_replica = 10;
      s.proc.busy_slots = 60;
      s.proc.queue_total = s.proc.in_flight = there ? 60 : 0;
      s.proc.waiting = 0;
      s.proc.completed = 180;
      s.proc.queue_capacity = 280;
      s.proc.exec_p50_seconds = s.proc.exec_p95_seconds = 20;
    };
  };
  player.policy.proc.out.trigger.enabled = true;
  player.Play(30, queue(true));
  ASSERT_EQ(player.proc().desired, 10);
  player.Play(60, queue(false));
  EXPECT_EQ(player.proc().desired, 10);
  EXPECT_EQ(player.proc().sizing.demand, std::nullopt);
  for (int tick = 0; tick < 20; ++tick) {
    player.Play(1, queue(true));
    ASSERT_EQ(player.proc().desired, 10) << tick;
  }
}

// The list of claimed tasks of one type of user is gone; three tasks of another are there.
TEST(Doubted, QueueMissingMostRunningTasksIsUnknown) {
  for (const int ticks : {2, 40}) {
    Player player;
    player.policy.proc.out.trigger.enabled = true;
    const auto queue = [](double claimed) {
      return [claimed](Signals& s) {
        Idle(s);
        s.proc.current_replicas = 10;
        s.proc.slots_per_replica = 10;
        s.proc.busy_slots = 60;
        s.proc.queue_total = s.proc.in_flight = claimed;
        s.proc.waiting = 0;
        s.proc.completed = 30;
        s.proc.queue_capacity = 280;
        s.proc.exec_p50_seconds = s.proc.exec_p95_seconds = 120;
      };
    };
    player.Play(60, queue(60));
    ASSERT_EQ(player.proc().desired, 10);
    player.Play(ticks, queue(3));
    EXPECT_EQ(player.proc().partial, ticks > 2);
    EXPECT_EQ(player.proc().notes.Has(Reason::kDoubted), ticks > 2);
    for (int tick = 0; tick < 20; ++tick) {
      player.Play(1, queue(60));
      ASSERT_EQ(player.proc().desired, 10) << ticks << " " << tick << Explain(player.proc());
    }
  }
}

TEST(Cadence, SamplesEveryTwoMinutesAreTooSparse) {
  Player player;
  player.interval = absl::Minutes(2);
  player.Play(40, Idle);
  EXPECT_EQ(player.ingress().desired, 2);
  player.Play(40, Busy);
  EXPECT_EQ(player.ingress().desired, 2);
  player.interval = absl::Minutes(1);
  player.Play(20, Busy);
  EXPECT_EQ(player.ingress().desired, 3) << "every minute is often enough";
}

TEST(Cadence, DurationToleratesSampleJitter) {
  Player player;
  player.interval = absl::Milliseconds(14'900);
  player.Play(8, Busy);
  EXPECT_EQ(player.ingress().desired, 2);
  player.Play(1, Busy);
  EXPECT_EQ(player.ingress().desired, 3) << "119.2 s are two minutes at this interval";
}

TEST(Outage, MissingReplicasPreventScaleIn) {
  Player player;
  const auto calm = [](double replicas) {
    return [replicas](Signals& s) {
      Idle(s);
      s.proc.current_replicas = replicas;
      s.ingress.current_replicas = replicas;
      s.ingress.stream_capacity = 100 * replicas;
    };
  };
  player.Play(39, calm(8));
  player.Play(39, calm(3));
  EXPECT_EQ(player.proc().desired, 8);
  EXPECT_EQ(player.ingress().desired, 8);
  EXPECT_TRUE(player.proc().limited.Has(Reason::kOutage));
  player.Play(1, calm(8));
  EXPECT_EQ(player.proc().desired, 4) << "all are back";
}

TEST(Resume, AnchorsAtTheLargestOfRecommendationObservationAndSizing) {
  struct Row {
    double observed, busy;
    int expected;
  };
  for (const Row& row : {Row{1, 8, 19}, Row{25, 8, 25}, Row{1, 200, 20}}) {
    Player player;
    player.Play(10, [](Signals& s) { HalfGone(s, false); });
    player.Play(27, [](Signals& s) { s.proc.sampled_at.reset(); });
    const auto back = [&](Signals& s) {
      s.proc.current_replicas = row.observed;
      s.proc.slots_per_replica = 10;
      s.proc.queue_total = s.proc.busy_slots = row.busy;
    };
    player.Play(1, back);
    EXPECT_EQ(player.proc().desired, row.expected);
    EXPECT_TRUE(player.proc().notes.Has(Reason::kResumed));
    EXPECT_TRUE(WorthRecording(player.proc(), player.proc()));
    player.Play(39, back);
    EXPECT_GE(player.proc().desired, row.expected)
        << "not by hand: it has been watched too shortly";
  }
}

TEST(Clock, StepsDoNotAddScaleIns) {
  for (const int hours : {-1, 1}) {
    Player player;
    const auto small = [&](Signals& s) {
      Idle(s);
      s.ingress.current_replicas = player.state.ingress.desired.value_or(10);
      s.ingress.stream_capacity = 1000;
    };
    player.Play(41, small);
    ASSERT_EQ(player.ingress().desired, 7);
    player.now += absl::Hours(hours);
    player.Play(hours < 0 ? 19 : 40, small);
    EXPECT_EQ(player.ingress().desired, 7) << hours;
  }
}

TEST(Sizing, ImpossibleInputStaysBounded) {
  Player player;
  player.Play(20, [](Signals& s) {
    s.proc.exec_p50_seconds = 9e8;
    s.proc.exec_p95_seconds = 9e8;
    s.proc.queue_total = 1e9;
  });
  EXPECT_TRUE(player.proc().partial);
  player.state.proc_memory.service_seconds = 1e12;
  player.state.proc.demand.points = {{player.now - absl::Seconds(100), 0},
                                     {player.now - absl::Seconds(60), 1e12},
                                     {player.now - absl::Seconds(1), 1e12}};
  player.Play(3, Nothing);
  EXPECT_LE(player.proc().desired.value_or(0), player.policy.proc.replicas.max);
}

TEST(Restart, WithoutStateNoScaleInForAFullInWindow) {
  for (int ticks = 0; ticks <= 60; ++ticks) {
    Player player;
    player.Play(ticks, Idle);
    player.state = {};
    player.Play(40, [](Signals& s) {
      Idle(s);
      s.ingress.current_replicas = 3;
    });
    EXPECT_EQ(player.ingress().desired, 3) << ticks;
  }
}

TEST(Reload, KeepsPendingTimeOfUnchangedRules) {
  for (const bool changed : {false, true}) {
    Player player;
    player.Play(5, Busy);
    player.policy.proc.replicas.max = 77;
    if (changed) Set(player.policy, "ingress.out.saturation.threshold", "0.72");
    player.Play(4, Busy);
    EXPECT_EQ(player.ingress().desired, changed ? 2 : 3);
  }
}

// Every rule is calm; arrivals grow from 24 tasks a minute to `end`.
void Growing(Player& player, double end, int ticks) {
  int tick = 0;
  player.Play(ticks, [&](Signals& s) {
    s.proc.completed = 24 + (end - 24) * tick++ / ticks;
    s.proc.exec_p50_seconds = s.proc.exec_p95_seconds = 20;
  });
}

// A rule that trusts the sizing asks for nothing where that is content; one that does not, for one
// more.
TEST(Proc, ReportsDesiredReplicasPerRule) {
  Player player;
  player.policy.proc.replicas.max = 2;
  player.Play(120, [](Signals& s) {
    s.proc.queue_capacity = 10;
    s.proc.waiting = 1;
    s.proc.queue_total = 9;
  });
  const auto& rules = player.proc().rules;
  ASSERT_EQ(rules[0].row->name, "pressure");
  EXPECT_EQ(rules[0].desired, 3);
  ASSERT_EQ(rules[2].row->name, "mean_pressure");
  EXPECT_EQ(rules[2].desired, 2);
}

TEST(Trigger, ScalesOutBeforeARuleFires) {
  Player player;
  player.policy.proc.out.trigger.enabled = true;
  Growing(player, 40, 20);
  EXPECT_TRUE(player.state.proc.last_out > kStart);
  EXPECT_GT(player.proc().desired, 2);
  for (const RuleReport& rule : player.proc().rules) {
    if (rule.row->direction == Direction::kOut) {
      EXPECT_NE(rule.status, RuleStatus::kActive);
    }
  }

  Player off;
  Growing(off, 40, 20);
  EXPECT_EQ(off.proc().desired, 2);
}

TEST(Trigger, ExplanationNamesTheLoadAhead) {
  Player player;
  player.policy.proc.out.trigger.enabled = player.policy.ingress.out.trigger.enabled = true;
  player.Play(5, Nothing);
  for (int tick = 0; !player.proc().notes.Has(Reason::kLoadAhead); ++tick) {
    ASSERT_LT(tick, 40);
    player.Play(1, [&](Signals& s) {
      s.proc.completed = 24.0 + tick;
      s.proc.exec_p50_seconds = s.proc.exec_p95_seconds = 20;
    });
  }
  EXPECT_GT(*player.proc().sizing.ahead_share, 0.25);
  EXPECT_NE(Explain(player.proc()).find("tasks a minute expected would make"), std::string::npos)
      << Explain(player.proc());

  Player streams;
  streams.policy.ingress.out.trigger.enabled = true;
  streams.Play(9, [](Signals& s) { s.ingress.streams = 139; });
  EXPECT_EQ(streams.ingress().desired, 2);
  EXPECT_FALSE(streams.ingress().notes.Has(Reason::kLoadAhead));
  streams.Play(1, [](Signals& s) { s.ingress.streams = 195; });
  EXPECT_EQ(streams.ingress().desired, 3);
  EXPECT_NE(Explain(streams.ingress()).find("open streams expected would be"), std::string::npos)
      << Explain(streams.ingress());
  streams.policy.ingress.replicas.max = 3;
  streams.Play(1, [](Signals& s) { s.ingress.streams = 395; });
  EXPECT_EQ(streams.ingress().desired, 3);
  EXPECT_FALSE(streams.ingress().notes.Has(Reason::kLoadAhead)) << "it changed nothing";
}

TEST(Proc, LowCompletionsDoNotHideBusySlots) {
  Player player;
  player.policy.proc.in.min_change = 0;
  const auto eight = [&](Signals& s) {
    s.proc.current_replicas = player.state.proc.desired.value_or(8);
  };
  player.Play(200, [&](Signals& s) {
    eight(s);
    s.proc.queue_total = s.proc.busy_slots = 30;
    s.proc.queue_capacity = 124;
    s.proc.wait_p95_seconds = 0.1;
    s.proc.completed = 0;
  });
  EXPECT_EQ(player.proc().desired, 4) << "thirty run";
}

TEST(AfterOut, NoScaleInWithinConfiguredDelay) {
  Player player;
  player.policy.ingress.in.after_out = absl::Minutes(30);
  player.Play(9, Busy);
  ASSERT_EQ(player.ingress().desired, 3);
  const auto idle = [&](Signals& s) {
    Idle(s);
    s.ingress.current_replicas = 3;
    s.ingress.stream_capacity = 300;
  };
  player.Play(119, idle);
  EXPECT_EQ(player.ingress().desired, 3);
  player.Play(1, idle);
  EXPECT_EQ(player.ingress().desired, 2);
}

TEST(Clock, InvalidTimeKeepsThePreviousOne) {
  State state = Recommend({}, {}, Signals{}).state;
  EXPECT_EQ(state.at, absl::UnixEpoch());
  Player player;
  player.Play(1, Nothing);
  for (const absl::Time none : {absl::InfinitePast(), absl::InfiniteFuture()}) {
    player.Play(1, [&](Signals& s) { s.now = none; });
    EXPECT_EQ(player.state.at, kStart);
  }
}

TEST(Input, EmptySampleIsNotFresh) {
  struct Row {
    bool demand, count;
  };
  for (const Row& row : {Row{false, false}, Row{false, true}, Row{true, false}, Row{true, true}}) {
    Player player;
    player.Play(1, [&](Signals& s) {
      if (!row.demand) s.ingress.streams = s.proc.queue_total = s.proc.waiting = std::nullopt;
      if (!row.count) s.ingress.current_replicas = s.proc.current_replicas = std::nullopt;
    });
    EXPECT_EQ(player.ingress().fresh, row.demand || row.count);
    EXPECT_EQ(player.proc().fresh, row.demand || row.count);
  }
}

TEST(Proc, WithoutSizingScaleOutIgnoresStabilization) {
  Player player;
  player.policy.proc.out.stabilization = absl::Minutes(5);
  player.Play(22, [](Signals& s) {
    s.proc.queue_total = s.proc.busy_slots = 12;
    s.proc.exec_p50_seconds = s.proc.exec_p95_seconds = std::nullopt;
  });
  EXPECT_EQ(player.proc().desired, 3);
}

TEST(Step, LimitsScaleInToTwoPerThirtyMinutes) {
  Player player;
  player.policy.ingress.in.step = {2, 0, absl::Minutes(30)};
  int falling = 0;
  const auto play = [&](int ticks) {
    player.Play(ticks, [&](Signals& s) {
      Idle(s);
      s.ingress.streams = 540 - 60 * falling;  // for nine replicas, then one fewer each time
      s.ingress.streams_per_replica = 100;
      s.ingress.stream_capacity = 10'000;
      s.ingress.current_replicas = player.state.ingress.desired.value_or(10);
    });
    return player.ingress().desired;
  };
  EXPECT_EQ(play(41), 9);
  falling = 1;
  EXPECT_EQ(play(41), 8);
  falling = 2;
  EXPECT_EQ(play(41), 8) << "two in half an hour";
  EXPECT_EQ(play(41), 7);
}

TEST(Step, LimitsScaleInToOnePerFiveMinutes) {
  Player player;
  player.policy.ingress.in.step = {1, 0, absl::Minutes(5)};
  const auto small = [&](Signals& s) {
    Idle(s);
    s.ingress.current_replicas = player.state.ingress.desired.value_or(10);
    s.ingress.stream_capacity = 1000;
  };
  player.Play(41, small);
  EXPECT_EQ(player.ingress().desired, 9);
  player.Play(19, small);
  EXPECT_EQ(player.ingress().desired, 9);
  player.Play(1, small);
  EXPECT_EQ(player.ingress().desired, 8);
}

TEST(Incident, MeansTasksWithoutReplicas) {
  for (const double tasks : {0.0, 1.0, 5.0}) {
    Player player;
    player.Play(1, Nothing);
    player.Play(1, [&](Signals& s) {
      s.proc.current_replicas = 0;
      s.proc.queue_total = s.proc.waiting = tasks;
      s.proc.busy_slots = 0;
    });
    EXPECT_EQ(player.proc().incident, tasks > 0) << tasks;
  }
}

TEST(Clock, StandingStillAddsNoTime) {
  Player player;
  player.interval = absl::ZeroDuration();
  player.Play(200, Busy);
  EXPECT_EQ(player.ingress().desired, 2);
}

TEST(Clock, JumpingBackAddsNoTimeAndLosesNone) {
  Player player;
  player.Play(5, Busy);
  player.now -= absl::Hours(1);
  player.Play(4, Busy);
  EXPECT_EQ(player.ingress().desired, 2) << "the jump itself is no time";
  player.Play(1, Busy);
  EXPECT_EQ(player.ingress().desired, 3);
}

TEST(Clock, GapAboveMaxGapResetsPending) {
  Player player;
  player.Play(8, Busy);
  player.now += absl::Minutes(3);
  player.Play(8, Busy);
  EXPECT_EQ(player.ingress().desired, 2);
  player.Play(1, Busy);
  EXPECT_EQ(player.ingress().desired, 3);
}

TEST(Budget, SharedDatabaseLimitBlocksScaleOut) {
  Player player;
  player.Play(9, [](Signals& s) {
    Busy(s);
    s.ingress.postgres_connections_per_replica = 20;
    s.proc.postgres_connections_per_replica = 20;
    s.shared.postgres_limit = 100;  // (100 - 10) x 0.85 = 76 < 5 replicas with surge
  });
  EXPECT_EQ(player.ingress().desired, 2);
  EXPECT_TRUE(player.ingress().limited.Has(Reason::kDbConnections));
  EXPECT_EQ(player.ingress().suppressed, Decision::kScaleOut);
}

// What each rule alone would do: sized by streams for the one, sized by tasks or a step for the
// others; nothing where it is not active.
TEST(Rules, EachReportsItsDesiredReplicas) {
  const auto asked = [](const Recommendation& recommendation) {
    std::string text;
    for (std::size_t i = 0; i < recommendation.rule_count; ++i) {
      const RuleReport& rule = recommendation.rules[i];
      EXPECT_EQ(rule.desired.has_value(), rule.status == RuleStatus::kActive) << rule.row->name;
      if (!rule.desired.has_value()) continue;
      text += std::string(NameOf(rule.row->direction)) + " " + std::string(rule.row->name) + " " +
              std::to_string(*rule.desired) + ", ";
    }
    return text;
  };
  Player player;
  player.Play(9, Busy);
  EXPECT_EQ(asked(player.ingress()), "out saturation 3, ");
  EXPECT_EQ(asked(player.proc()), "in queue_growth 2, ") << "not as long as others say no";
  player.Play(1, Busy);
  EXPECT_EQ(player.ingress().desired, 3);
  EXPECT_EQ(asked(player.ingress()), "out saturation 3, ") << "of three it asks for as many";
  Player idle;
  idle.Play(41, Idle);
  EXPECT_EQ(asked(idle.ingress()), "in saturation 1, in rest_latency 1, ");
}

TEST(Decisions, RecordsChangesAndSuppressedOnesOnce) {
  Recommendation before, now;
  EXPECT_FALSE(WorthRecording(now, before));
  now.suppressed = Decision::kScaleOut;
  EXPECT_TRUE(WorthRecording(now, before));
  EXPECT_FALSE(WorthRecording(now, now));
  now.decision = Decision::kScaleIn;
  EXPECT_TRUE(WorthRecording(now, now));
}

}  // namespace
}  // namespace chatscale::recommender
