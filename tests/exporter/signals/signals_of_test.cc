#include "exporter/signals/signals_of.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

recommender::Signals Of(const Snapshot& snapshot) {
  return SignalsOf(snapshot, {kNow, kNow, kNow});
}

Snapshot Streams(double connections, double limit, double workers) {
  Snapshot s;
  s.fleet.ingress.present = true;
  s.fleet.ingress.processes_per_instance = 2;
  s.sse.connections = connections;
  s.sse.limit = limit;
  s.sse.workers = workers;
  return s;
}

TEST(SignalsOf, WholeSumsAreWhole) {
  Snapshot s = Streams(760, 800, 8);
  s.sse.coverage = 1;
  EXPECT_EQ(Of(s).ingress.streams, 760);
  EXPECT_EQ(Of(s).ingress.stream_capacity, 800);
  EXPECT_EQ(Of(s).ingress.streams_at_least, std::nullopt);
  EXPECT_EQ(Of(s).ingress.streams_per_replica, 200);
}

TEST(SignalsOf, SumsOfSomeWorkersAreALowerBound) {
  Snapshot s = Streams(5, 100, 1);
  s.sse.coverage = 0.125;
  EXPECT_EQ(Of(s).ingress.streams, std::nullopt);
  EXPECT_EQ(Of(s).ingress.stream_capacity, std::nullopt);
  EXPECT_EQ(Of(s).ingress.streams_at_least, 5);
  EXPECT_EQ(Of(s).ingress.streams_per_replica, 200);
}

TEST(SignalsOf, OneProcesssOwnCountSaysNothingAboutTheFleet) {
  Snapshot s = Streams(5, 100, 1);
  s.sse.fleet_wide = false;
  EXPECT_EQ(Of(s).ingress.streams, std::nullopt);
}

TEST(SignalsOf, WhatIsMalformedSpoilsTheSignalsItBelongsTo) {
  const struct {
    MalformedFields malformed;
    bool ingress, proc;
  } cases[] = {
      {{}, false, false},
      {{{1, 0}, 0}, true, false},
      {{{0, 1}, 0}, false, true},
      {{{}, 9}, false, false},  // a circuit breaker, a throttling figure
  };
  for (const auto& c : cases) {
    Snapshot s;
    s.malformed = c.malformed;
    EXPECT_EQ(Of(s).ingress.partial, c.ingress);
    EXPECT_EQ(Of(s).proc.partial, c.proc);
  }
}

}  // namespace
}  // namespace chatscale
