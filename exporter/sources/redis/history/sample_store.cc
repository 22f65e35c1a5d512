#include "exporter/sources/redis/history/sample_store.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chatscale::redis {
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
