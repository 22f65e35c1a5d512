// Connection pools of one simulated service: how many connections its load takes. Pure.
#pragma once

#include "exporter/sources/simulator/fleet.h"
#include "exporter/sources/simulator/rolling.h"

namespace chatscale {

// What a service is configured with; the share is connections held by one stream or running task.
struct PoolPolicy {
  int workers_per_replica, postgres_per_worker, redis_per_worker;
  double postgres_share, redis_share;
};
inline constexpr PoolPolicy kIngressPools = {2, 4, 40, 0.02, 0.024};
inline constexpr PoolPolicy kProcPools = {1, 8, 40, 0.7, 0.84};

struct PoolLoad {
  double limit = 0, in_use = 0, size = 0;  // connections, all workers; size: open ones
  double Utilization() const { return limit > 0 ? in_use / limit : 0; }
};
struct PoolLoads {
  PoolLoad postgres, redis;
};

// Workers that have started, draining ones too.
int WorkersOf(const PoolPolicy& policy, const Fleet& fleet, double now);
PoolLoads PoolLoadsOf(const PoolPolicy& policy, const Fleet& fleet, double now);

// Samples of PoolLoads.
struct PoolHistory {
  Rolling postgres_in_use, postgres_utilization, redis_in_use, redis_utilization;
  void Add(double now, const PoolLoads& loads);  // and trims
};

}  // namespace chatscale
