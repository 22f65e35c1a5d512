#include "exporter/sources/demo_windows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace chatscale {

namespace {

WindowSummary Summarize(std::vector<double> values) {
  WindowSummary summary;
  summary.count = values.size();
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  const auto at = [&](double q) {
    const auto index = static_cast<std::size_t>(q * static_cast<double>(values.size()));
    return values[std::min(index, values.size() - 1)];
  };
  summary.mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  summary.p50 = at(0.50);
  summary.p95 = at(0.95);
  summary.p99 = at(0.99);
  summary.max = values.back();
  return summary;
}

}  // namespace

void Rolling::Trim(double now) {
  while (!samples_.empty() && samples_.front().at < now - kWindowSeconds.back()) {
    samples_.pop_front();
  }
}

std::array<WindowSummary, 3> Rolling::Summaries(double now) const {
  std::array<WindowSummary, 3> summaries;
  for (std::size_t w = 0; w < summaries.size(); ++w) {
    std::vector<double> values;
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read libstdc++'s reverse view.
    for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
      if (sample->at < now - kWindowSeconds[w]) break;
      values.push_back(sample->value);
    }
    summaries[w] = Summarize(std::move(values));
  }
  return summaries;
}

namespace {

PoolLoad LoadOf(int limit, double share, const ModelFleet& fleet, int workers) {
  PoolLoad pool{.limit = static_cast<double>(limit)};
  pool.in_use = std::min(pool.limit, std::round(share * fleet.Load()));
  pool.size = std::min(pool.limit, std::ceil(1.3 * pool.in_use + workers));
  return pool;
}

}  // namespace

int WorkersOf(const PoolPolicy& policy, const ModelFleet& fleet, double now) {
  return policy.workers_per_replica * fleet.AllSlots(now) / fleet.slots_per_replica();
}

PoolLoads PoolLoadsOf(const PoolPolicy& policy, const ModelFleet& fleet, double now) {
  const int workers = WorkersOf(policy, fleet, now);
  return {.postgres =
              LoadOf(policy.postgres_per_worker * workers, policy.postgres_share, fleet, workers),
          .redis = LoadOf(policy.redis_per_worker * workers, policy.redis_share, fleet, workers)};
}

void PoolHistory::Add(double now, const PoolLoads& loads) {
  postgres_in_use.Add(now, loads.postgres.in_use);
  postgres_utilization.Add(now, loads.postgres.Utilization());
  redis_in_use.Add(now, loads.redis.in_use);
  redis_utilization.Add(now, loads.redis.Utilization());
  for (Rolling* rolling :
       {&postgres_in_use, &postgres_utilization, &redis_in_use, &redis_utilization}) {
    rolling->Trim(now);
  }
}

}  // namespace chatscale
