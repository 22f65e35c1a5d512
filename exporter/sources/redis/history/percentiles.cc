#include "exporter/sources/redis/history/percentiles.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace chatscale::redis {
namespace {

constexpr std::size_t kSmall = 8192;  // below, selecting in place is cheaper than counting
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

}  // namespace chatscale::redis
