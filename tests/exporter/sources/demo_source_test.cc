#include "exporter/sources/demo_source.h"

#include <gtest/gtest.h>

#include <thread>

namespace chatscale {
namespace {

constexpr double kSpeed = 60;  // a simulated minute a second
const absl::Time kBegan = absl::FromUnixSeconds(1'000);

Snapshot Read(DemoSource& source, absl::Time now) {
  return source.Collect(now, absl::Seconds(1)).at(0).parts.at(0).snapshot.value();
}

TEST(DemoSource, StartsAndDrainsReplicasOnRequest) {
  DemoSource source({.speed = kSpeed});
  EXPECT_EQ(Read(source, kBegan).fleet.proc.healthy_processes, 3);
  source.SetDesired(2, 5);
  EXPECT_EQ(Read(source, kBegan + absl::Seconds(1)).fleet.proc.healthy_processes, 3);
  EXPECT_EQ(Read(source, kBegan + absl::Seconds(1.6)).fleet.proc.healthy_processes, 5);
  source.SetDesired(-1, 4);
  const Snapshot drained = Read(source, kBegan + absl::Seconds(5));
  EXPECT_EQ(drained.fleet.proc.instances, 4);
  EXPECT_EQ(drained.fleet.ingress.instances, 0);
}

TEST(DemoSource, ContinuesAfterClockChange) {
  DemoSource source({.speed = kSpeed});
  const absl::Time first = Read(source, kBegan).taken_at;
  EXPECT_EQ(Read(source, kBegan - absl::Hours(5)).taken_at, first);
  EXPECT_EQ(Read(source, kBegan - absl::Hours(5) + absl::Seconds(2)).taken_at - first,
            absl::Minutes(2));
  const absl::Time before = Read(source, kBegan).taken_at;  // 5 h x 60, cut to two days
  EXPECT_EQ(before - first, absl::Hours(48) + absl::Minutes(2));
}

TEST(DemoSource, SetDesiredIsThreadSafe) {
  DemoSource source({.speed = kSpeed});
  std::thread recommender([&] {
    for (int i = 0; i < 200; ++i) source.SetDesired(1 + i % 3, 1 + i % 5);
  });
  for (int i = 0; i < 50; ++i) Read(source, kBegan + absl::Milliseconds(100 * i));
  recommender.join();
  EXPECT_GT(Read(source, kBegan + absl::Minutes(1)).fleet.proc.healthy_processes, 0);
}

}  // namespace
}  // namespace chatscale
