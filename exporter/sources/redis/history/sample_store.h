// Timed samples of the last hour, exact and compact: 8 bytes each. Ordered by time.
//
// A chunk stores times as multiples of 2^-22 s after its first sample, which is the spacing of
// doubles for the present epoch, so no time is rounded. Values are floats while every value of the
// chunk is a float exactly (milliseconds as integers are), else doubles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace chatscale::redis {

struct Sample {
  double time = 0;  // Unix seconds
  double value = 0;
};

class SampleStore {
 public:
  // Requires: not earlier than the last sample of the store.
  void Append(Sample sample);
  // Puts ascending samples before the first one. Requires: none is later than that.
  void Prepend(const std::vector<Sample>& ascending);
  void DropBefore(double time);
  // Lets go of the earliest beyond `most`; the time of the first that is left, when some went.
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
