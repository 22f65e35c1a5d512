#include "recommender/explain.h"

#include <gtest/gtest.h>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

TEST(PlainDuration, Units) {
  EXPECT_EQ(PlainDuration(absl::Seconds(45)), "45 s");
  EXPECT_EQ(PlainDuration(absl::Seconds(60)), "1 min");
  EXPECT_EQ(PlainDuration(absl::Seconds(61)), "1 min 1 s");
  EXPECT_EQ(PlainDuration(absl::Seconds(135)), "2 min 15 s");
  EXPECT_EQ(PlainDuration(absl::Hours(1)), "1 h");
  EXPECT_EQ(PlainDuration(absl::Hours(2)), "2 h");
  EXPECT_EQ(PlainDuration(absl::Minutes(65)), "1 h 5 min");
}

TEST(Explain, WhyThereHasBeenNoRecommendationYet) {
  Player player;
  player.Play(1, [](Signals& s) {
    *s.ingress.sampled_at -= absl::Hours(24);  // a document from a cache
    s.proc.current_replicas = 0;
  });
  EXPECT_EQ(Explain(player.ingress()),
            "ingress: no recommendation: the input is missing or too old.");
  EXPECT_EQ(Explain(player.proc()),
            "proc: no recommendation: waiting for a whole view of the fleet: 0 replicas seen so "
            "far, 0 s since "
            "the first; at least 45 s more.");
  player.Play(
      1, [](Signals& s) { s.proc.current_replicas = s.proc.queue_total = s.proc.busy_slots = 0; });
  EXPECT_EQ(Explain(player.proc()),
            "proc: no recommendation: no healthy replica has been observed yet.");
}

// Three replicas become five for 65 tasks.
Recommendation Growing() {
  Recommendation r;
  r.service = Service::kProc;
  r.at = kStart;
  r.previous = 3;
  r.desired = 5;
  r.decision = Decision::kScaleOut;
  r.sizing.demand = 65;
  r.sizing.waiting = 41;
  r.sizing.per_replica = 8;
  r.sizing.drain = absl::Seconds(60);
  return r;
}

TEST(Explain, AScaleOutOfProc) {
  Recommendation r = Growing();
  r.rule_count = 1;
  r.rules[0] = {&kProcRules[1],  RuleStatus::kActive, 4.2, false, 3, kStart - absl::Seconds(135),
                absl::Minutes(2)};
  r.sizing.drain_slots = 14;
  EXPECT_EQ(Explain(r),
            "proc: 3 → 5 replicas: queue wait p95 4.2 s has been above 3 s for 2 min 15 s; "
            "41 tasks waiting need 2 more replicas to drain in 60 s.");
}

TEST(Explain, AScaleOutBeforeAnyRuleFired) {
  Recommendation r = Growing();
  r.sizing.drain_slots = 0;
  r.notes.Add(Reason::kLoadAhead);
  r.sizing.ahead = 50;
  r.sizing.ahead_share = 0.27;
  const std::string without_time = Explain(r);
  EXPECT_EQ(without_time.find("expected"), std::string::npos) << without_time;
  r.sizing.service_seconds = 0.5;
  EXPECT_EQ(Explain(r),
            "proc: 3 → 5 replicas: 6000 tasks a minute expected would make 27 % wait too long; 65 "
            "tasks, 8 slots per replica; the load ahead would be too much.");
  r.sizing.demand = 1'234'567;
  EXPECT_NE(Explain(r).find("; 1234567 tasks, "), std::string::npos) << Explain(r);
  r.sizing.demand = 1000;
  EXPECT_NE(Explain(r).find("; 1000 tasks, "), std::string::npos) << Explain(r);
  r.sizing.demand = 65;
  r.sizing.service_seconds = 400;
  EXPECT_NE(Explain(r).find(" 7.5 tasks a minute expected"), std::string::npos) << Explain(r);
  r.service = Service::kIngress;
  r.sizing.ahead = 190.2;
  r.sizing.ahead_share = 0.95;
  EXPECT_EQ(
      Explain(r),
      "ingress: 3 → 5 replicas: 191 open streams expected would be 95 % of the limit; 65 open "
      "streams, 8 streams per replica; the load ahead would be too much.");
}

TEST(Explain, DrainReplicasAreCappedByAddedReplicas) {
  struct Row {
    MaybeNumber drain_slots, waiting;
    int to;
    const char* expected;
  };
  const Row rows[] = {
      {8, 1, 5, "3 → 5 replicas: 1 task waiting need 1 more replica to drain in 60 s."},
      {16, 2, 5, "3 → 5 replicas: 2 tasks waiting need 2 more replicas to drain in 60 s."},
      {40, 41, 5, "3 → 5 replicas: 41 tasks waiting need 2 more replicas to drain in 60 s."},
      {0, 0, 5, "3 → 5 replicas: 65 tasks, 8 slots per replica."},
      {{}, {}, 5, "3 → 5 replicas: 65 tasks, 8 slots per replica."},
      {40, 41, 3, "3 → 3 replicas: 65 tasks, 8 slots per replica."},
  };
  for (const Row& row : rows) {
    Recommendation r = Growing();
    r.sizing.drain_slots = row.drain_slots;
    r.sizing.waiting = row.waiting;
    r.desired = row.to;
    EXPECT_EQ(Explain(r), std::string("proc: ") + row.expected);
  }
  Recommendation r = Growing();
  r.sizing.demand.reset();
  EXPECT_EQ(Explain(r), "proc: 3 → 5 replicas: no rule asks for a change.");
}

TEST(Explain, ListsEvaluatedRulesWithDuration) {
  Recommendation r = Growing();
  r.sizing = {};
  r.rule_count = 1;
  r.rules[0] = {&kProcRules[3], RuleStatus::kActive, 0, false, 1, kStart, absl::Minutes(2)};
  r.rules[1] = {&kProcRules[0], RuleStatus::kActive, 9, false, 1, kStart, absl::Minutes(2)};
  EXPECT_EQ(Explain(r),
            "proc: 3 → 5 replicas: queue growth 0 tasks/min has been above 1 tasks/min.");
  r.rules[0].since = kStart - absl::Seconds(1);
  EXPECT_EQ(Explain(r),
            "proc: 3 → 5 replicas: queue growth 0 tasks/min has been above 1 tasks/min for 1 s.");
}

TEST(Explain, IncidentNamesTheTaskCount) {
  Recommendation r = Growing();
  r.sizing = {};
  r.incident = true;
  for (const double tasks : {1.0, 2.0}) {
    r.sizing.demand = tasks;
    EXPECT_EQ(Explain(r), std::string("proc: 3 → 5 replicas: no healthy replica is observed; ") +
                              (tasks == 1 ? "1 task is there." : "2 tasks are there."));
  }
}

TEST(Explain, HoldAndMissingInput) {
  Player player{.started = false};
  player.Play(4, [](Signals&) {});
  EXPECT_EQ(Explain(player.proc()),
            "proc: no recommendation: waiting for a whole view of the fleet: 2 replicas seen so "
            "far, 45 s since "
            "the first; at least 45 s more.");
  player.Play(3, [](Signals&) {});
  EXPECT_EQ(Explain(player.proc()),
            "proc: stays at 2 replicas: started from the observed count; there was no state.");
  player.Play(1, [](Signals&) {});
  EXPECT_EQ(Explain(player.proc()), "proc: stays at 2 replicas: no rule asks for a change.");
  player.Play(21, [](Signals& s) { s.ingress.sampled_at.reset(); });
  EXPECT_EQ(Explain(player.ingress()),
            "ingress: no recommendation: the input is missing or too old.");
}

TEST(Explain, ChangeLimitedByMaxReplicas) {
  Player player;
  player.policy.ingress.replicas.max = 2;
  player.Play(10, [](Signals& s) { s.ingress.streams = 150; });
  EXPECT_EQ(Explain(player.ingress()),
            "ingress: stays at 2 replicas: SSE saturation 0.75 has been above 0.7 for 2 min 15 s; "
            "150 open streams, 100 streams per replica; the maximum replica count applies.");
}

}  // namespace
}  // namespace chatscale::recommender
