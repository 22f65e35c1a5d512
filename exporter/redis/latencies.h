// Latencies: exact percentiles of the upstream's rolling metrics over sliding windows. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"
#include "exporter/redis/zset_follower.h"

namespace chatscale::redis {

struct PercentileValues {
  std::size_t count = 0;  // 0: the others mean nothing
  double p50 = 0, p95 = 0, p99 = 0, max = 0;
};

// Percentiles by the upstream's definition: of n sorted values the p-th percentile has the index
// int(p/100 · n), at most n-1. No interpolation: the 95th percentile of up to 20 values is their
// maximum. Reorders `values`. Linear time.
PercentileValues PercentilesOf(std::vector<double>& values);

struct Sample {
  double time = 0;  // Unix seconds
  double value = 0;
};

// Timed samples of the last hour, exact and compact: 8 bytes each. Ordered by time.
//
// A chunk stores times as multiples of 2^-22 s after its first sample, which is the spacing of
// doubles for the present epoch, so no time is rounded. Values are floats while every value of the
// chunk is exactly a float (milliseconds as integers are), else doubles.
class SampleStore {
 public:
  // Requires: not earlier than the last sample of the store.
  void Append(Sample sample);
  // Puts ascending samples before the first one. Requires: none is later than that.
  void Prepend(const std::vector<Sample>& ascending);
  void DropBefore(double time);
  // Drops the earliest beyond `most`; returns the time of the first one kept if any was dropped.
  std::optional<double> KeepNewest(std::size_t most);
  void Clear() { chunks_.clear(); }

  // Values with from <= time <= to, in no particular order.
  void Collect(double from, double to, std::vector<double>& values) const;
  // Samples with from <= time <= to.
  std::size_t Count(double from, double to) const;
  std::size_t size() const;
  std::size_t MemoryBytes() const;

 private:
  struct Chunk {
    double base = 0;                   // time of the first sample
    std::vector<std::uint32_t> ticks;  // after base
    std::vector<float> narrow;         // empty once `wide` is used
    std::vector<double> wide;
    std::size_t first = 0;  // samples before it are dropped

    double TimeAt(std::size_t i) const;
    double ValueAt(std::size_t i) const { return wide.empty() ? narrow[i] : wide[i]; }
    bool Accepts(double time) const;
    void Add(Sample sample);
    // Index range of the samples with from <= time <= to.
    std::pair<std::size_t, std::size_t> Range(double from, double to) const;
  };
  static void AddTo(std::deque<Chunk>& chunks, Sample sample);

  std::deque<Chunk> chunks_;
};

inline constexpr PerWindow<double> kWindowSeconds = {60, 900, 3600};

inline constexpr std::size_t kMostSamples = 1'000'000;

// Nullopt: the window is not read completely yet, or the key holds another type.
using WindowPercentiles = PerWindow<std::optional<PercentileValues>>;

// One rolling metric of the upstream over one hour, in milliseconds, read incrementally: members
// "<ts>:<value>" of a sorted set. At most kMostSamples: beyond that, the earliest are dropped and
// the longer windows unknown.
class RollingSeries {
 public:
  explicit RollingSeries(std::string key) : key_(std::move(key)) {}

  void AddCommands(double now, std::size_t page, Pipeline& pipeline);
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

  std::string key_;
  ZsetFollower follower_{kWindowSeconds.back()};
  double now_ = 0;
  double forgotten_before_ = 0;  // samples dropped for lack of room were earlier
  // A malformed member is stored as NaN, so that the count agrees with Redis.
  SampleStore settled_;
  std::vector<Sample> recent_;      // by time; late arrivals may still fall between them
  std::vector<double> unreadable_;  // times
  double counted_ = 0;
  TimeHistogram histogram_;
};

}  // namespace chatscale::redis
