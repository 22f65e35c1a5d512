// Exact percentiles with the upstream's index definition (contract 4.6): of n sorted values the
// p-th percentile is number int(p/100 · n), at most n-1. No interpolation: of up to 20 values the
// 95th is the maximum. Pure.
#pragma once

#include <vector>

namespace chatscale::redis {

struct PercentileValues {
  std::size_t count = 0;  // 0: the others mean nothing
  double p50 = 0, p95 = 0, p99 = 0, max = 0;
};

// Reorders `values`. Linear time.
PercentileValues PercentilesOf(std::vector<double>& values);

}  // namespace chatscale::redis
