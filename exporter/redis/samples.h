// Timed samples of an hour, stored compactly, and percentiles. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

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

}  // namespace chatscale::redis
