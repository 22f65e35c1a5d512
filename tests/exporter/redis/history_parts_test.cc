// Samples, percentiles and windows.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "exporter/redis/redis_snapshot.h"
#include "exporter/redis/samples.h"
#include "exporter/redis/windows.h"

namespace chatscale::redis {
namespace {

double AtPercent(const std::vector<double>& sorted, double p) {
  const auto k = static_cast<std::size_t>(p / 100 * static_cast<double>(sorted.size()));
  return sorted[std::min(k, sorted.size() - 1)];
}

TEST(PercentilesTest, MatchSortedValues) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> draw(5, 2);
  for (const std::size_t n : {1u, 2u, 3u, 19u, 20u, 21u, 100u, 5000u, 8191u, 8192u, 50000u}) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i)
      values.push_back(i % 10 == 0 ? -draw(random) : draw(random));
    values[n / 2] = 0;
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const PercentileValues p = PercentilesOf(values);
    EXPECT_EQ(p.count, n);
    EXPECT_EQ(p.p50, AtPercent(sorted, 50)) << n;
    EXPECT_EQ(p.p95, AtPercent(sorted, 95)) << n;
    EXPECT_EQ(p.p99, AtPercent(sorted, 99)) << n;
    EXPECT_EQ(p.max, sorted.back()) << n;
  }
  std::vector<double> none;
  EXPECT_EQ(PercentilesOf(none).count, 0u);
}

TEST(SampleStoreTest, KeepsTimesAndValuesExactlyInEightBytes) {
  SampleStore store;
  constexpr double kStart = 1'784'894'398.941;
  for (int i = 0; i < 100'000; ++i) store.Append({kStart + i * 0.036, i * 1.0});
  EXPECT_EQ(store.size(), 100'000u);
  EXPECT_LT(store.MemoryBytes(), 900'000u);
  std::vector<double> values;
  store.Collect(kStart + 10 * 0.036, kStart + 12 * 0.036, values);  // both ends belong to it
  EXPECT_EQ(values, (std::vector<double>{10, 11, 12}));
  store.DropBefore(kStart + 99'998 * 0.036);
  EXPECT_EQ(store.size(), 2u);
  store.Append({kStart + 4000, 0.1});  // no float
  values.clear();
  store.Collect(0, 2e9, values);
  EXPECT_EQ(values, (std::vector<double>{99'998, 99'999, 0.1}));
  store.Prepend({{kStart - 1, 7}, {kStart, 8}});
  EXPECT_EQ(store.Count(kStart - 1, kStart), 2u);
  EXPECT_EQ(store.Count(0, 2e9), 5u);
}

TEST(SampleStoreTest, KeepsTheNewest) {
  SampleStore store;
  constexpr double kStart = 1'784'894'398;
  for (int i = 0; i < 5000; ++i) store.Append({kStart + i, i * 1.0});  // several chunks
  EXPECT_FALSE(store.KeepNewest(5000));
  EXPECT_EQ(store.KeepNewest(1500), kStart + 3500);
  EXPECT_EQ(store.size(), 1500u);
  EXPECT_EQ(store.Count(kStart, kStart + 3600), 101u);
}

TEST(WeightedWindowsTest, MeanIsTimeWeighted) {
  WeightedWindows windows;
  windows.Add(1000, 10);
  EXPECT_EQ(windows.At(1000).mean[0], 10);  // alone, it is its own mean
  windows.Add(1030, 40);
  windows.Add(1060, 0);
  // 30 s of 10, 30 s of 40, however often somebody looked.
  EXPECT_EQ(windows.At(1060).mean[0], 25);
  WeightedWindows eager;
  for (int t = 0; t <= 60; ++t) eager.Add(1000 + t, t < 30 ? 10 : t < 60 ? 40 : 0);
  EXPECT_EQ(eager.At(1060).mean[0], 25);
  EXPECT_EQ(eager.At(1060).max, 40);
}

TEST(WeightedWindowsTest, GapsHaveNoWeightAndOldValuesExpire) {
  WeightedWindows windows;
  windows.Seed({{0, 100}, {60, 100}});
  windows.Add(2000, 10);  // the value of 60 stood for five minutes at most
  windows.Add(2100, 10);
  const WindowMeans means = windows.At(2100);
  EXPECT_EQ(means.mean[0], 10);
  EXPECT_DOUBLE_EQ(*means.mean[2], (360 * 100 + 100 * 10) / 460.0);
  EXPECT_EQ(means.max, 100);
  windows.Add(4000, 10);
  EXPECT_EQ(windows.At(4000).max, 10);
  EXPECT_EQ(WeightedWindows().At(5).mean[1], std::nullopt);
}

TEST(WeightedWindowsTest, FirstSampleIsClippedToTheWindow) {
  WeightedWindows windows;
  windows.Add(900, 30);  // stands from 900 to 1000; the window begins at 970
  windows.Add(1000, 0);
  windows.Add(1030, 0);
  EXPECT_EQ(windows.At(1030).mean[0], 15);
}

TEST(RoundingTest, MatchesPython) {
  EXPECT_EQ(RoundTo(87.25, 1), 87.2);
  EXPECT_EQ(RoundTo(87.35, 1), 87.3);  // the double is a little less
  EXPECT_EQ(RoundTo(2.5, 0), 2);
  EXPECT_EQ(RoundTo(-0.05, 1), -0.1);  // the double is a little more, in size
  EXPECT_EQ(RoundTo(1e300, 1), 1e300);
}

}  // namespace
}  // namespace chatscale::redis
