#include "exporter/redis/samples.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

namespace chatscale::redis {

namespace {

constexpr std::size_t kSmall = 8192;  // below, selection in place is cheaper than buckets
constexpr std::array<double, 3> kPercents = {50, 95, 99};

std::size_t IndexOf(double percent, std::size_t n) {
  const auto k = static_cast<std::size_t>(percent / 100 * static_cast<double>(n));
  return std::min(k, n - 1);
}

PercentileValues SelectInPlace(std::vector<double>& values) {
  const std::size_t n = values.size();
  std::array<double, 3> found{};
  auto from = values.begin();
  for (std::size_t i = 0; i < kPercents.size(); ++i) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(IndexOf(kPercents[i], n));
    if (at >= from) std::nth_element(from, at, values.end());
    from = at;
    found[i] = *at;
  }
  return {.count = n,
          .p50 = found[0],
          .p95 = found[1],
          .p99 = found[2],
          .max = *std::max_element(from, values.end())};
}

// The leading bits of a double as an unsigned number that sorts like the double: sign, exponent and
// three bits of the fraction, so 8 buckets for each power of two.
constexpr int kBucketBits = 15;
std::size_t BucketOf(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t ordered = (bits >> 63) != 0 ? ~bits : bits | (1ULL << 63);
  return static_cast<std::size_t>(ordered >> (64 - kBucketBits));
}

double SelectByBuckets(const std::vector<double>& values,
                       const std::vector<std::uint32_t>& bucket_sizes, std::size_t k) {
  std::size_t bucket = 0;
  while (k >= bucket_sizes[bucket]) k -= bucket_sizes[bucket++];
  std::vector<double> candidates;
  candidates.reserve(bucket_sizes[bucket]);
  for (const double value : values) {
    if (BucketOf(value) == bucket) candidates.push_back(value);
  }
  const auto at = candidates.begin() + static_cast<std::ptrdiff_t>(k);
  std::nth_element(candidates.begin(), at, candidates.end());
  return *at;
}

}  // namespace

PercentileValues PercentilesOf(std::vector<double>& values) {
  if (values.empty()) return {};
  if (values.size() < kSmall) return SelectInPlace(values);
  std::vector<std::uint32_t> bucket_sizes(1u << kBucketBits);
  double max = values.front();
  for (const double value : values) {
    ++bucket_sizes[BucketOf(value)];
    max = std::max(max, value);
  }
  const std::size_t n = values.size();
  return {.count = n,
          .p50 = SelectByBuckets(values, bucket_sizes, IndexOf(50, n)),
          .p95 = SelectByBuckets(values, bucket_sizes, IndexOf(95, n)),
          .p99 = SelectByBuckets(values, bucket_sizes, IndexOf(99, n)),
          .max = max};
}

namespace {

constexpr double kTicksPerSecond = 4194304;  // 2^22
constexpr std::size_t kChunkSamples = 1024;

}  // namespace

double SampleStore::Chunk::TimeAt(std::size_t i) const {
  return base + static_cast<double>(ticks[i]) / kTicksPerSecond;
}

bool SampleStore::Chunk::Accepts(double time) const {
  return ticks.size() < kChunkSamples &&
         (time - base) * kTicksPerSecond <= std::numeric_limits<std::uint32_t>::max();
}

void SampleStore::Chunk::Add(Sample sample) {
  ticks.push_back(static_cast<std::uint32_t>(std::llround((sample.time - base) * kTicksPerSecond)));
  const auto rounded = static_cast<float>(sample.value);
  const bool exact = !(static_cast<double>(rounded) < sample.value) &&
                     !(static_cast<double>(rounded) > sample.value);
  if (wide.empty() && exact) {
    narrow.push_back(rounded);
    return;
  }
  if (wide.empty()) wide.assign(narrow.begin(), narrow.end());
  narrow = {};
  wide.push_back(sample.value);
}

std::pair<std::size_t, std::size_t> SampleStore::Chunk::Range(double from, double to) const {
  const auto begin = ticks.begin() + static_cast<std::ptrdiff_t>(first);
  const auto low = std::partition_point(begin, ticks.end(), [&](std::uint32_t t) {
    return base + static_cast<double>(t) / kTicksPerSecond < from;
  });
  const auto high = std::partition_point(low, ticks.end(), [&](std::uint32_t t) {
    return base + static_cast<double>(t) / kTicksPerSecond <= to;
  });
  return {static_cast<std::size_t>(low - ticks.begin()),
          static_cast<std::size_t>(high - ticks.begin())};
}

void SampleStore::AddTo(std::deque<Chunk>& chunks, Sample sample) {
  if (chunks.empty() || !chunks.back().Accepts(sample.time)) {
    if (!chunks.empty()) {
      chunks.back().ticks.shrink_to_fit();
      chunks.back().narrow.shrink_to_fit();
      chunks.back().wide.shrink_to_fit();
    }
    chunks.emplace_back().base = sample.time;
  }
  chunks.back().Add(sample);
}

void SampleStore::Append(Sample sample) { AddTo(chunks_, sample); }

void SampleStore::Prepend(const std::vector<Sample>& ascending) {
  std::deque<Chunk> earlier;
  for (const Sample& sample : ascending) AddTo(earlier, sample);
  chunks_.insert(chunks_.begin(), std::make_move_iterator(earlier.begin()),
                 std::make_move_iterator(earlier.end()));
}

void SampleStore::DropBefore(double time) {
  while (!chunks_.empty()) {
    Chunk& chunk = chunks_.front();
    chunk.first = chunk.Range(time, std::numeric_limits<double>::infinity()).first;
    if (chunk.first < chunk.ticks.size()) return;
    chunks_.pop_front();
  }
}

std::optional<double> SampleStore::KeepNewest(std::size_t most) {
  const std::size_t kept = size();
  if (kept <= most) return std::nullopt;
  for (std::size_t beyond = kept - most; beyond > 0;) {
    Chunk& chunk = chunks_.front();
    const std::size_t gone = std::min(beyond, chunk.ticks.size() - chunk.first);
    chunk.first += gone;
    beyond -= gone;
    if (chunk.first == chunk.ticks.size()) chunks_.pop_front();
  }
  return chunks_.empty() ? 0 : chunks_.front().TimeAt(chunks_.front().first);
}

void SampleStore::Collect(double from, double to, std::vector<double>& values) const {
  for (const Chunk& chunk : chunks_) {
    if (chunk.base > to) return;
    if (chunk.TimeAt(chunk.ticks.size() - 1) < from) continue;
    const auto [low, high] = chunk.Range(from, to);
    for (std::size_t i = low; i < high; ++i) values.push_back(chunk.ValueAt(i));
  }
}

std::size_t SampleStore::Count(double from, double to) const {
  std::size_t count = 0;
  for (const Chunk& chunk : chunks_) {
    const auto [low, high] = chunk.Range(from, to);
    count += high - low;
  }
  return count;
}

std::size_t SampleStore::size() const {
  std::size_t count = 0;
  for (const Chunk& chunk : chunks_) count += chunk.ticks.size() - chunk.first;
  return count;
}

std::size_t SampleStore::MemoryBytes() const {
  std::size_t bytes = 0;
  for (const Chunk& chunk : chunks_) {
    bytes += sizeof(Chunk) + chunk.ticks.capacity() * sizeof(std::uint32_t) +
             chunk.narrow.capacity() * sizeof(float) + chunk.wide.capacity() * sizeof(double);
  }
  return bytes;
}

}  // namespace chatscale::redis
