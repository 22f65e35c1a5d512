#include "exporter/model/held_target.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);
const absl::Duration kMaxAge = absl::Seconds(75);

SourceSample Good(std::optional<Service> service, const char* source, double total) {
  SourceSample part;
  part.service = service;
  part.source = source;
  Snapshot snapshot;
  snapshot.queue.total = total;
  snapshot.sse.connections = total;
  part.snapshot = snapshot;
  part.document = [] { return std::string("{}"); };
  return part;
}

SourceSample Bad(std::optional<Service> service, const char* source, ErrorKind kind) {
  SourceSample part;
  part.service = service;
  part.source = source;
  part.snapshot = KindError(kind, "it broke");
  return part;
}

TEST(HeldTarget, KeepsLastGoodValuesUntilMaxAge) {
  HeldTarget held({"t", "p"});
  held.Update({{"t", "p"}, {Good(std::nullopt, "redis", 5)}}, kStart);
  held.Update({{"t", "p"}, {Bad(std::nullopt, "redis", ErrorKind::kTimeout)}},
              kStart + absl::Seconds(15));
  const TargetView at_limit = held.View(kStart + kMaxAge, kMaxAge);
  ASSERT_TRUE(at_limit.snapshot.has_value());
  EXPECT_EQ(at_limit.snapshot->queue.total, 5);
  EXPECT_FALSE(at_limit.sources[0].up);
  const TargetView after = held.View(kStart + kMaxAge + absl::Seconds(1), kMaxAge);
  EXPECT_FALSE(after.snapshot.has_value());
  EXPECT_FALSE(after.document.proc);
  EXPECT_EQ(after.sources[0].errors.at(ErrorKind::kTimeout), 1U);
}

TEST(HeldTarget, ClockSetBackDoesNotKeepValuesFresh) {
  HeldTarget held({"t", "p"});
  held.Update({{"t", "p"}, {Good(std::nullopt, "redis", 5)}}, kStart);
  EXPECT_TRUE(held.View(kStart - absl::Seconds(1), kMaxAge).snapshot.has_value());
  EXPECT_FALSE(held.View(kStart - absl::Hours(1), kMaxAge).snapshot.has_value());
}

TEST(HeldTarget, FailedSourceDoesNotAffectTheOther) {
  HeldTarget held({"t", "p"});
  held.Update(
      {{"t", "p"},
       {Good(Service::kIngress, "ingress", 1), Bad(Service::kProc, "proc", ErrorKind::kAuth)}},
      kStart);
  const TargetView view = held.View(kStart, kMaxAge);
  EXPECT_EQ(view.snapshot->sse.connections, 1);
  EXPECT_TRUE(view.document.ingress);
  EXPECT_FALSE(view.document.proc);
}

TEST(HeldTarget, DocumentTimestampCountsAfterAnOutage) {
  const absl::Time old = kStart - absl::Hours(123 * 24);
  const auto dated = [](absl::Time taken_at) {
    SourceSample part = Good(std::nullopt, "proc", 1);
    part.snapshot->taken_at = taken_at;
    return TargetSample{{"t", "p"}, {part}};
  };
  const TargetSample gone{{"t", "p"}, {Bad(std::nullopt, "proc", ErrorKind::kConnect)}};
  HeldTarget held({"t", "p"});
  absl::Time now = kStart;
  const auto proc_at = [&](const TargetSample& sample) {
    held.Update(sample, now += absl::Seconds(15));
    return held.View(now, kMaxAge).at.proc;
  };
  EXPECT_EQ(proc_at(dated(old)), old) << "the first one may come from a cache";
  EXPECT_EQ(proc_at(dated(old)), old);
  EXPECT_EQ(proc_at(dated(old + absl::Seconds(1))), now) << "it moves: only its clock is wrong";
  held.Update(gone, now);
  EXPECT_EQ(proc_at(dated(old)), old);
  EXPECT_EQ(held.View(now, kMaxAge).sources[0].snapshot_at, old);
  held.Update(gone, now);
  EXPECT_EQ(proc_at(dated(now + absl::Hours(1))), now) << "a time to come is now";
}

TEST(HeldTarget, PendingSourceIsDownFirstThenKeepsItsState) {
  SourceSample pending;
  pending.source = "proc";
  pending.pending = true;
  const TargetSample waiting{{"t", "p"}, {pending}};
  HeldTarget held({"t", "p"});
  EXPECT_TRUE(held.Update(waiting, kStart).empty());
  const SourceHealth first = held.View(kStart, kMaxAge).sources.at(0);
  EXPECT_FALSE(first.up);
  EXPECT_EQ(first.error, "no response yet");
  EXPECT_TRUE(first.errors.empty());
  held.Update({{"t", "p"}, {Good(std::nullopt, "proc", 7)}}, kStart);
  held.Update(waiting, kStart + absl::Seconds(15));
  const TargetView later = held.View(kStart + absl::Seconds(15), kMaxAge);
  EXPECT_TRUE(later.sources.at(0).up);
  EXPECT_EQ(later.snapshot->queue.total, 7);
}

TEST(HeldTarget, ReportsOnlyHealthChanges) {
  HeldTarget held({"t", "p"});
  const TargetSample good{{"t", "p"}, {Good(std::nullopt, "redis", 1)}};
  const TargetSample refused{{"t", "p"}, {Bad(std::nullopt, "redis", ErrorKind::kConnect)}};
  const TargetSample late{{"t", "p"}, {Bad(std::nullopt, "redis", ErrorKind::kTimeout)}};
  EXPECT_EQ(held.Update(refused, kStart).size(), 1U) << "down from the start";
  EXPECT_EQ(held.Update(refused, kStart).size(), 0U);
  EXPECT_EQ(held.Update(late, kStart).size(), 1U) << "another failure";
  EXPECT_EQ(held.Update(good, kStart).size(), 1U) << "up";
  EXPECT_EQ(held.Update(good, kStart).size(), 0U);
  EXPECT_EQ(held.Update(late, kStart).size(), 1U) << "down again, also in a known way";
}

}  // namespace
}  // namespace chatscale
