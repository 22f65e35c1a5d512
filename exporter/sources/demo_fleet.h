// What the simulated chat system is made of: random numbers, rolling windows, the replicas of a
// service, and their connection pools.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace chatscale {

// Random numbers that are the same on every machine for the same seed, as the standard library's
// distributions are not. SplitMix64 (Steele, Lea, Flood 2014): one addition and three mixing steps
// a draw.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  double Uniform() {                                    // in [0, 1)
    constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
    return static_cast<double>(Next() >> 11) * kUnit;
  }
  double Exponential(double mean) { return -mean * std::log(1.0 - Uniform()); }
  // Median `median`; `sigma` is the standard deviation of the logarithm.
  double LogNormal(double median, double sigma) {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));  // Box-Muller
    return median * std::exp(sigma * radius * std::cos(kTwoPi * Uniform()));
  }

 private:
  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

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

// The replicas of one simulated service: they need time to start, and drain before they go.

inline constexpr double kStartSeconds = 90;
inline constexpr double kDrainSeconds = 120;  // after which what is left is cut off

struct DemoReplica {
  int number = 0;
  double ready_at = 0;     // seconds; takes load from then on
  double drain_until = 0;  // 0: not draining
  int load = 0;            // open streams, or running tasks
  bool draining() const { return drain_until > 0; }
};

class DemoFleet {
 public:
  DemoFleet(int replicas, int slots_per_replica, double now);

  // Starts replicas, or drains the youngest.
  void SetDesired(int replicas, double now);
  // Removes replicas that have drained, or were told to long enough ago; the load they still had.
  int Retire(double now);

  // The replica with the least load that can take more; null when there is none.
  DemoReplica* LeastLoaded(double now);
  DemoReplica* Find(int number);  // null when there is none
  bool Has(int number) const;

  int Ready(double now) const;  // started and not draining
  int Slots(double now) const { return Ready(now) * slots_per_replica_; }
  // Draining ones too: what Load is a share of.
  int AllSlots(double now) const;
  int Load() const;
  int slots_per_replica() const { return slots_per_replica_; }
  const std::vector<DemoReplica>& replicas() const { return replicas_; }

 private:
  std::vector<DemoReplica> replicas_;
  int slots_per_replica_;
  int next_number_ = 0;
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
int WorkersOf(const PoolPolicy& policy, const DemoFleet& fleet, double now);
PoolLoads PoolLoadsOf(const PoolPolicy& policy, const DemoFleet& fleet, double now);

// Samples of PoolLoads.
struct PoolHistory {
  Rolling postgres_in_use, postgres_utilization, redis_in_use, redis_utilization;
  void Add(double now, const PoolLoads& loads);  // and trims
};

}  // namespace chatscale
