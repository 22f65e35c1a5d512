#include "exporter/core/merge.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

Snapshot Document(double streams, double tasks, double p95) {
  Snapshot s;
  s.ingress.present = s.proc.present = true;
  s.sse.connections = streams;
  s.queue.total = tasks;
  s.rest[0] = {
      .count = 1, .p50_seconds = {}, .p95_seconds = p95, .p99_seconds = {}, .max_seconds = {}};
  s.ingress_throttling.hour.throttled = s.proc_throttling.hour.throttled = streams;
  s.taken_at = absl::FromUnixSeconds(static_cast<int64_t>(tasks));
  s.malformed = {.ingress = 1, .proc = 2, .other = 4};
  return s;
}

TEST(MergeByOwner, EachServiceSpeaksForItself) {
  const Snapshot ingress = Document(10, 1, 0.1);
  const Snapshot proc = Document(20, 2, 0.2);
  const Snapshot merged = MergeByOwner(&ingress, &proc);
  EXPECT_EQ(merged.sse.connections, 10);
  EXPECT_EQ(merged.rest[0].p95_seconds, 0.1);
  EXPECT_EQ(merged.ingress_throttling.hour.throttled, 10);
  EXPECT_EQ(merged.queue.total, 2);
  EXPECT_EQ(merged.proc_throttling.hour.throttled, 20);
  EXPECT_EQ(merged.taken_at, ingress.taken_at) << "the older one";
  EXPECT_EQ(merged.malformed.ingress, 1);
  EXPECT_EQ(merged.malformed.proc, 2);
  EXPECT_EQ(merged.malformed.Total(), 14);
}

TEST(MergeByOwner, WhatTheOwnerLacksComesFromTheOther) {
  Snapshot ingress = Document(10, 1, 0.1);
  Snapshot proc = Document(20, 2, 0.2);
  ingress.sse = {};
  ingress.rest = {};
  proc.queue = {};
  const Snapshot merged = MergeByOwner(&ingress, &proc);
  EXPECT_EQ(merged.sse.connections, 20);
  EXPECT_EQ(merged.rest[0].p95_seconds, 0.2);
  EXPECT_EQ(merged.queue.total, 1);
}

TEST(MergeByOwner, AFleetWideStreamCountBeatsAProcessLocalOne) {
  Snapshot ingress = Document(10, 1, 0.1);
  ingress.sse.fleet_wide = false;
  const Snapshot proc = Document(20, 2, 0.2);
  EXPECT_EQ(MergeByOwner(&ingress, &proc).sse.connections, 20);
}

TEST(MergeByOwner, OneIsEnough) {
  const Snapshot one = Document(10, 1, 0.1);
  EXPECT_EQ(MergeByOwner(&one, nullptr).queue.total, 1);
  EXPECT_EQ(MergeByOwner(nullptr, &one).sse.connections, 10);
  EXPECT_EQ(MergeByOwner(nullptr, nullptr).queue.total, std::nullopt);
}

}  // namespace
}  // namespace chatscale
