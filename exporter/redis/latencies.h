// Latencies of one target: queue wait, execution time and REST latency, as exact percentiles over
// sliding windows, from the upstream's rolling metrics in Redis.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/samples.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"
#include "exporter/redis/zset_follower.h"

namespace chatscale::redis {

inline constexpr PerWindow<double> kWindowSeconds = {60, 900, 3600};

inline constexpr std::size_t kMostSamples = 1'000'000;

// Nullopt: the window is not read completely yet, or the key holds another type.
using WindowPercentiles = PerWindow<std::optional<PercentileValues>>;

// One rolling metric of the upstream over one hour, in milliseconds, read incrementally: members
// "<ts>:<value>" of a sorted set. At most kMostSamples: beyond that, the earliest are dropped and
// the longer windows unknown.
class RollingSeries {
 public:
  explicit RollingSeries(std::string key) : follower_(std::move(key), kWindowSeconds.back()) {}

  void AddCommands(double now, std::size_t page, Pipeline& pipeline) {
    follower_.AddCommands(now, page, pipeline);
  }
  // Of a further page, if there is one.
  void AddBackfillCommands(Pipeline& pipeline) { follower_.AddBackfillCommands(pipeline); }
  // Consumes the replies to exactly those commands, from `next_reply` on.
  void Apply(const std::vector<Reply>& replies, std::size_t& next_reply);
  bool NeedsMore() const { return follower_.NeedsMore(); }
  void OnReconnect() { follower_.OnReconnect(); }

  // Windows end at the instant of the last AddCommands, both ends inclusive. `scratch` is reused.
  WindowPercentiles Percentiles(std::vector<double>& scratch) const;

  // Samples since the first step, each counted once; malformed ones are not in the histogram.
  double counted() const { return counted_; }
  const TimeHistogram& histogram() const { return histogram_; }

  // Malformed members of the last minute and of the hour.
  struct Unreadable {
    int minute = 0, hour = 0;
  };
  Unreadable unreadable() const;

  std::size_t MemoryBytes() const;

 private:
  void Count(double milliseconds);
  std::size_t Known(double from, double to) const;

  ZsetFollower follower_;
  double forgotten_before_ = 0;  // samples dropped for lack of room were earlier
  // A malformed member is stored as NaN, so that the count agrees with Redis.
  SampleStore settled_;
  std::vector<Sample> recent_;      // by time; late arrivals may still fall between them
  std::vector<double> unreadable_;  // times
  double counted_ = 0;
  TimeHistogram histogram_;
};

struct TargetState;

class Latencies {
 public:
  explicit Latencies(const KeySpace& keys);

  // `page` bounds the members of one reply.
  void AddCommands(double now, std::size_t page, Pipeline& pipeline);
  void AddBackfillCommands(Pipeline& pipeline);  // of further pages, where there are any
  void ParseReplies(ReplyStream& replies, TargetFaults& faults);
  bool NeedsMore() const;
  void OnReconnect();

  void Fill(TargetState& state, std::vector<double>& scratch) const;
  std::size_t MemoryBytes() const;

 private:
  RollingSeries wait_, exec_, rest_;
};

}  // namespace chatscale::redis
