// One rolling metric of the upstream (contract 2.9) over one hour, read incrementally: members
// "<ts>:<value>" of a sorted set -> exact percentiles of each window. Milliseconds.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/history/percentiles.h"
#include "exporter/sources/redis/history/sample_store.h"
#include "exporter/sources/redis/history/zset_follower.h"
#include "exporter/sources/redis/wire/pipeline.h"
#include "exporter/sources/redis/wire/reply.h"

namespace chatscale::redis {

inline constexpr PerWindow<double> kWindowSeconds = {60, 900, 3600};

inline constexpr std::size_t kMostSamples = 1'000'000;

// Nullopt for a window that is not read completely yet, or when the key holds another type.
using WindowPercentiles = PerWindow<std::optional<PercentileValues>>;

// At most kMostSamples: beyond that, earlier ones are forgotten and longer windows unknown.
class RollingSeries {
 public:
  explicit RollingSeries(std::string key) : key_(std::move(key)) {}

  void AddCommands(double now, std::size_t page, Pipeline& pipeline);
  // Takes the replies to exactly those commands, from `next_reply` on.
  void Apply(const std::vector<Reply>& replies, std::size_t& next_reply);
  bool NeedsMore() const { return follower_.NeedsMore(); }
  void ServerMayDiffer() { follower_.ServerMayDiffer(); }

  // Windows end at the instant of the last AddCommands, both ends inclusive. `scratch` is reused.
  WindowPercentiles Percentiles(std::vector<double>& scratch) const;

  // Samples since the first step, each once; those that cannot be read are in the number alone.
  double counted() const { return counted_; }
  const TimeHistogram& histogram() const { return histogram_; }

  // Members that are no samples, of the last minute and of the hour.
  struct Unreadable {
    int minute = 0, hour = 0;
  };
  Unreadable unreadable() const;

  std::size_t MemoryBytes() const;

 private:
  void Count(double milliseconds);
  std::size_t Known(double from, double to) const;

  std::string key_;
  ZsetFollower follower_{kWindowSeconds.back()};
  double now_ = 0;
  double forgotten_before_ = 0;  // samples dropped for lack of room were earlier
  // A member that cannot be read is kept as NaN, so that the count agrees with Redis.
  SampleStore settled_;
  std::vector<Sample> recent_;      // by time; others may still arrive between them
  std::vector<double> unreadable_;  // times
  double counted_ = 0;
  TimeHistogram histogram_;
};

}  // namespace chatscale::redis
