// A component played tick by tick against the recommender.
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "recommender/policy_fields.h"
#include "recommender/recommend.h"

namespace chatscale::recommender {

inline const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

inline void Set(Policy& policy, std::string_view path, std::string_view text) {
  const absl::Status set = SetPolicyField(policy, path, text);
  EXPECT_TRUE(set.ok()) << set;
}

// Nothing to do and nothing wrong: two replicas each, of which one would be enough.
inline Signals Calm(absl::Time now) {
  Signals signals;
  signals.now = now;
  IngressSignals& ingress = signals.ingress;
  ingress.sampled_at = now;
  ingress.current_replicas = 2;
  ingress.streams = 100;
  ingress.stream_capacity = 200;
  ingress.rest_p95_seconds = 0.7;
  ingress.rest_samples = 100;
  ProcSignals& proc = signals.proc;
  proc.sampled_at = now;
  proc.current_replicas = 2;
  proc.queue_total = 8;
  proc.waiting = 0;
  proc.busy_slots = 8;
  proc.queue_capacity = 16;
  proc.wait_p95_seconds = 1.5;
  proc.wait_samples = 50;
  proc.oldest_waiting_seconds = 0;
  proc.exec_p50_seconds = 20;
  proc.exec_p95_seconds = 40;
  proc.exec_samples = 50;
  proc.slots_per_replica = 8;
  return signals;
}

struct Player {
  // As with a state of a moment ago: begins with the counts of the first tick. Else it waits for a
  // whole view first.
  bool started = true;
  Policy policy;
  State state;
  absl::Time now = kStart;
  absl::Duration interval = absl::Seconds(15);
  Step last;

  // Calm signals, changed by `change`, `ticks` times.
  template <typename Change>
  const Step& Play(int ticks, Change change) {
    for (int i = 0; i < ticks; ++i) {
      Signals signals = Calm(now);
      change(signals);
      if (started) StartFrom(signals);
      last = Recommend(policy, state, signals);
      state = last.state;
      now += interval;
    }
    return last;
  }
  void StartFrom(const Signals& signals) {
    const auto start = [](MaybeNumber count, const SampleSignals& sample, ServiceState& service) {
      if (service.desired.has_value() || !sample.sampled_at.has_value() || !(count > 0)) return;
      service.desired = service.ordered = static_cast<int>(*count);
      service.last_sample = *sample.sampled_at;
    };
    start(signals.ingress.current_replicas, signals.ingress, state.ingress);
    start(signals.proc.current_replicas, signals.proc, state.proc);
  }
  const Recommendation& ingress() const { return last.recommendations.ingress; }
  const Recommendation& proc() const { return last.recommendations.proc; }
};

}  // namespace chatscale::recommender
