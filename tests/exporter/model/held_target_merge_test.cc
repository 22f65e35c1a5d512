#include <gtest/gtest.h>

#include "exporter/model/held_target.h"

namespace chatscale {
namespace {

Snapshot Document(double streams, double tasks, double p95) {
  Snapshot s;
  s.fleet.ingress.present = s.fleet.proc.present = true;
  s.sse.connections = streams;
  s.queue.total = tasks;
  s.rest[0] = {
      .count = 1, .p50_seconds = {}, .p95_seconds = p95, .p99_seconds = {}, .max_seconds = {}};
  s.throttling.ingress.hour.throttled = s.throttling.proc.hour.throttled = streams;
  s.taken_at = absl::FromUnixSeconds(static_cast<int64_t>(tasks));
  s.malformed = {{1, 2}, 4};
  return s;
}

TEST(Merge, PrefersEachServicesOwnDocument) {
  const Snapshot ingress = Document(10, 1, 0.1);
  const Snapshot proc = Document(20, 2, 0.2);
  const Snapshot merged = Merge({&ingress, &proc});
  EXPECT_EQ(merged.sse.connections, 10);
  EXPECT_EQ(merged.rest[0].p95_seconds, 0.1);
  EXPECT_EQ(merged.throttling.ingress.hour.throttled, 10);
  EXPECT_EQ(merged.queue.total, 2);
  EXPECT_EQ(merged.throttling.proc.hour.throttled, 20);
  EXPECT_EQ(merged.taken_at, ingress.taken_at) << "the older one";
  EXPECT_EQ(merged.malformed.ingress, 1);
  EXPECT_EQ(merged.malformed.proc, 2);
  EXPECT_EQ(merged.malformed.Total(), 14);
}

TEST(Merge, FillsMissingValuesFromTheOther) {
  Snapshot ingress = Document(10, 1, 0.1);
  Snapshot proc = Document(20, 2, 0.2);
  ingress.sse = {};
  ingress.rest = {};
  proc.queue = {};
  const Snapshot merged = Merge({&ingress, &proc});
  EXPECT_EQ(merged.sse.connections, 20);
  EXPECT_EQ(merged.rest[0].p95_seconds, 0.2);
  EXPECT_EQ(merged.queue.total, 1);
}

TEST(Merge, PrefersFleetWideStreamCount) {
  Snapshot ingress = Document(10, 1, 0.1);
  ingress.sse.fleet_wide = false;
  const Snapshot proc = Document(20, 2, 0.2);
  EXPECT_EQ(Merge({&ingress, &proc}).sse.connections, 20);
}

TEST(Merge, AcceptsASingleDocument) {
  const Snapshot one = Document(10, 1, 0.1);
  EXPECT_EQ(Merge({&one, nullptr}).queue.total, 1);
  EXPECT_EQ(Merge({nullptr, &one}).sse.connections, 10);
  EXPECT_EQ(Merge({nullptr, nullptr}).queue.total, std::nullopt);
}

}  // namespace
}  // namespace chatscale
