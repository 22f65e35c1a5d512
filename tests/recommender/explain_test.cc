#include "recommender/explain.h"

#include <gtest/gtest.h>

#include "tests/recommender/scenario.h"

namespace chatscale::recommender {
namespace {

TEST(PlainDuration, Units) {
  EXPECT_EQ(PlainDuration(absl::Seconds(45)), "45 s");
  EXPECT_EQ(PlainDuration(absl::Seconds(60)), "1 min");
  EXPECT_EQ(PlainDuration(absl::Seconds(135)), "2 min 15 s");
  EXPECT_EQ(PlainDuration(absl::Minutes(65)), "1 h 5 min");
}

TEST(Explain, WhyThereHasBeenNoAdviceYet) {
  Player player;
  player.Play(1, [](Signals& s) {
    *s.ingress.sampled_at -= absl::Hours(24);  // a document from a cache
    s.proc.current_replicas = 0;
  });
  EXPECT_EQ(Explain(player.ingress()), "ingress: no advice: the input is missing or too old.");
  EXPECT_EQ(Explain(player.proc()), "proc: no advice: no healthy replica has been observed yet.");
}

TEST(Explain, AScaleOutOfProc) {
  Recommendation r;
  r.service = Service::kProc;
  r.at = kStart;
  r.previous = 3;
  r.desired = 5;
  r.decision = Decision::kScaleOut;
  r.rule_count = 1;
  r.rules[0] = {&kProcRules[1],  RuleStatus::kActive, 4.2, false, 3, kStart - absl::Seconds(135),
                absl::Minutes(2)};
  r.sizing.demand = 65;
  r.sizing.waiting = 41;
  r.sizing.per_replica = 8;
  r.sizing.drain_slots = 14;
  r.sizing.drain = absl::Seconds(60);
  EXPECT_EQ(Explain(r),
            "proc: 3 → 5 replicas: queue wait p95 4.2 s has been above 3 s for 2 min 15 s; "
            "41 tasks waiting need 2 more replicas to drain in 60 s.");
}

TEST(Explain, HoldsAndSilence) {
  Player player;
  player.Play(1, [](Signals&) {});
  EXPECT_EQ(Explain(player.proc()),
            "proc: stays at 2 replicas: started from the observed count; there was no state.");
  player.Play(1, [](Signals&) {});
  EXPECT_EQ(Explain(player.proc()), "proc: stays at 2 replicas: no rule asks for a change.");
  player.Play(21, [](Signals& s) { s.ingress.sampled_at.reset(); });
  EXPECT_EQ(Explain(player.ingress()), "ingress: no advice: the input is missing or too old.");
}

TEST(Explain, ARailThatTookAChangeBack) {
  Player player;
  player.policy.ingress.replicas.max = 2;
  player.Play(10, [](Signals& s) { s.ingress.streams = 150; });
  EXPECT_EQ(Explain(player.ingress()),
            "ingress: stays at 2 replicas: SSE saturation 0.75 has been above 0.7 for 2 min 15 s; "
            "150 open streams, 100 streams per replica; the maximum replica count applies.");
}

}  // namespace
}  // namespace chatscale::recommender
