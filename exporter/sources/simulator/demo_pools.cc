#include "exporter/sources/simulator/demo_pools.h"

#include <algorithm>
#include <cmath>

namespace chatscale {
namespace {

PoolLoad LoadOf(int limit, double share, const Fleet& fleet, int workers) {
  PoolLoad pool{.limit = static_cast<double>(limit)};
  pool.in_use = std::min(pool.limit, std::round(share * fleet.Load()));
  pool.size = std::min(pool.limit, std::ceil(1.3 * pool.in_use + workers));
  return pool;
}

}  // namespace

int WorkersOf(const PoolPolicy& policy, const Fleet& fleet, double now) {
  return policy.workers_per_replica * fleet.AllSlots(now) / fleet.slots_per_replica();
}

PoolLoads PoolLoadsOf(const PoolPolicy& policy, const Fleet& fleet, double now) {
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
