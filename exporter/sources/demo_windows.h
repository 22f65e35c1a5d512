// Rolling windows of the simulated chat system, and its connection pools.
#pragma once

#include <array>
#include <cstddef>
#include <deque>

#include "exporter/sources/chat_model.h"

namespace chatscale {

// What happened within the last hour, for windows of 1 and 15 minutes and one hour. Times are
// seconds, and never go back.

inline constexpr std::array<double, 3> kWindowSeconds = {60, 900, 3600};

// One window of samples; percentiles by the upstream's index: value number floor(q * count),
// sorted.
struct WindowSummary {
  std::size_t count = 0;
  double mean = 0, p50 = 0, p95 = 0, p99 = 0, max = 0;  // 0 without samples
};

class Rolling {
 public:
  void Add(double at, double value) { samples_.push_back({at, value}); }
  // Forgets what is older than an hour.
  void Trim(double now);
  std::size_t size() const { return samples_.size(); }
  std::array<WindowSummary, 3> Summaries(double now) const;

 private:
  struct Sample {
    double at, value;
  };
  std::deque<Sample> samples_;
};

// Connection pools of one simulated service: how many connections its load takes. Pure.

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
int WorkersOf(const PoolPolicy& policy, const ModelFleet& fleet, double now);
PoolLoads PoolLoadsOf(const PoolPolicy& policy, const ModelFleet& fleet, double now);

// Samples of PoolLoads.
struct PoolHistory {
  Rolling postgres_in_use, postgres_utilization, redis_in_use, redis_utilization;
  void Add(double now, const PoolLoads& loads);  // and trims
};

}  // namespace chatscale
