// Snapshot: the chat system of one tenant and project at one instant.
//
// A plain value. Every source (HTTP document, Redis, simulator) fills the same structure;
// everything downstream reads only this. Base units: seconds, ratios (1.0 = all), counts. A field
// that the source did not report is nullopt, never 0. Field names follow the upstream's
// `/monitoring/system` document; the path is given where it is not obvious.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "exporter/model/target.h"

namespace chatscale {

// Limits of external input. What exceeds them counts as malformed where it enters, so that one
// target cannot delay the others.

inline constexpr std::size_t kMostJsonDepth = 32;
inline constexpr std::size_t kMostConfigBytes = 64 * 1024;
inline constexpr std::size_t kMostConfigKeys = 1000;
inline constexpr std::size_t kMostIdBytes = 128;    // of an instance, tenant or project
inline constexpr std::size_t kMostKeyBytes = 1024;  // of a Redis key
inline constexpr std::size_t kMostHeartbeatBytes = 16 * 1024;
inline constexpr std::size_t kMostEventBytes = 4096;  // of a throttling event
inline constexpr std::size_t kMostInstances = 4000;   // of a target; the same limit for processes
inline constexpr std::size_t kMostTextBytes = 1024;   // of a text in a document
inline constexpr int kMostMembers = 100;              // each becomes a label
inline constexpr double kMostSlots = 1e5;             // of a process
inline constexpr double kMostProcesses = 1e4;         // of an instance
inline constexpr double kMostCount = 1e9;             // tasks, streams, connections; milliseconds
inline constexpr double kMostFactor = 1e4;            // a ratio or multiplier
inline constexpr double kMostTotal = 1e15;            // of a counter
inline constexpr double kLongestSeconds = 7 * 86400;  // a wait or an execution
inline constexpr double kOldestSeconds = 366 * 86400.0;  // a task
inline constexpr double kMostUnixSeconds = 1e11;         // rejects milliseconds

// More than two tasks per slot, where both are known.
inline bool BeyondSlots(std::optional<double> load, std::optional<double> slots) {
  return slots.value_or(0) > 0 && load.value_or(0) > 2 * *slots;
}

// Histogram buckets: inclusive upper bounds in seconds; one more bucket follows the last. The limit
// of an objective must be one of them.
inline constexpr std::array<double, 11> kTimeBounds = {0.1, 0.5, 1, 2, 3, 5, 10, 30, 60, 120, 300};

struct TimeHistogram {
  std::array<double, kTimeBounds.size() + 1> counts{};  // per bucket, not cumulative
  double sum_seconds = 0;

  // A negative time comes from clocks that disagree; it counts as 0.
  void Add(double seconds) {
    const auto* bound = std::lower_bound(kTimeBounds.begin(), kTimeBounds.end(), seconds);
    counts[static_cast<std::size_t>(bound - kTimeBounds.begin())] += 1;
    sum_seconds += std::max(0.0, seconds);
  }
  double Total() const { return std::accumulate(counts.begin(), counts.end(), 0.0); }
  // Number of values above `limit`. Requires: `limit` is one of the bounds.
  double Above(double limit) const {
    const auto* bound = std::lower_bound(kTimeBounds.begin(), kTimeBounds.end(), limit);
    return std::accumulate(counts.begin() + (bound - kTimeBounds.begin()) + 1, counts.end(), 0.0);
  }
};

// Event counters in the Prometheus sense: since the source began to follow its system (demo: since
// its simulated hour), monotonic, starting at 0. nullopt: the source cannot count this.
struct EventCounts {
  std::optional<double> admitted;           // requests
  std::optional<double> rate_limited;       // requests refused with 429
  std::optional<double> backpressured;      // requests refused with 503
  std::optional<double> finished;           // tasks
  std::optional<TimeHistogram> wait, exec;  // of finished tasks
  std::optional<double> admitted_tasks;     // put into the queue
};

using MaybeNumber = std::optional<double>;

// Rolling windows of the upstream system, both ends inclusive.
enum class Window : std::size_t { k1m, k15m, k1h };
inline constexpr std::size_t kWindowCount = 3;
inline constexpr std::array<const char*, kWindowCount> kWindowNames = {"1m", "15m", "1h"};
template <typename T>
using PerWindow = std::array<T, kWindowCount>;

enum class UserType : std::size_t { kAnonymous, kExternal, kRegistered, kPrivileged, kPaid };
inline constexpr std::size_t kUserTypeCount = 5;
inline constexpr std::array<const char*, kUserTypeCount> kUserTypeNames = {
    "anonymous", "external", "registered", "privileged", "paid"};
template <typename T>
using PerUserType = std::array<T, kUserTypeCount>;

enum class Pool : std::size_t { kPostgres, kRedisAsync, kRedisAsyncDecode, kRedisSync };
inline constexpr std::size_t kPoolCount = 4;
inline constexpr std::array<const char*, kPoolCount> kPoolNames = {
    "postgres", "redis_async", "redis_async_decode", "redis_sync"};

// Mean of the samples in each window; `max` is the maximum of one hour.
struct WindowMeans {
  PerWindow<MaybeNumber> mean;
  MaybeNumber max;
};

// Percentiles of one window; nullopt when `count`, the number of samples, is 0.
struct Percentiles {
  MaybeNumber count;
  MaybeNumber p50_seconds, p95_seconds, p99_seconds, max_seconds;
};
using Latency = PerWindow<Percentiles>;

struct SseLoad {
  // False: only the responding process's own count was available; a fleet may hold far more.
  bool fleet_wide = true;
  MaybeNumber connections;    // open streams of all live workers
  MaybeNumber limit;          // sum of the workers' limits; 0 = no limit known
  double draining_limit = 0;  // part of `limit`: of draining workers, whose streams will reconnect
  MaybeNumber sessions;
  MaybeNumber workers;  // worker processes in these sums
  // Share of live workers that reported. Below 1 the sums are partial: a worker without an entry
  // holds an unknown number of streams. nullopt: no live worker is known.
  MaybeNumber coverage;
  // Entries older than the upstream's expiry, kept because their process is still alive (D10).
  MaybeNumber kept_workers;
  MaybeNumber hottest_worker_saturation;  // highest connections / limit of one worker
  WindowMeans window_connections;

  // Whether the sums cover every live worker.
  bool IsWhole() const { return coverage.value_or(1) >= 1; }
};

struct Thresholds {  // tasks in the queue from which a user class is refused
  MaybeNumber anonymous, registered, paid, hard_limit;
};

// Capacity: tasks that the queue may hold before users are refused. `reported` is the upstream's
// own figure, with the defects D1-D3 and D5 of docs/upstream.md. `corrected` uses the processor's
// configuration and counts every live process.
struct QueueCapacity {
  MaybeNumber reported, reported_pressure, reported_utilization;
  MaybeNumber corrected, corrected_pressure, corrected_utilization;
  // From the slots that live processes which accept work report, without the tasks of draining
  // ones; see fleet_count.h.
  MaybeNumber of_fleet, of_fleet_pressure;
  Thresholds thresholds;
};

struct QueueLoad {
  MaybeNumber total;  // waiting + in flight + mailbox, all user types
  PerUserType<MaybeNumber> depth;
  PerUserType<std::optional<bool>> accepting;
  PerUserType<MaybeNumber> average_wait_seconds;  // upstream's running mean, never reset (D14)
  QueueCapacity capacity;
  WindowMeans window_depth;
  WindowMeans window_pressure;
  Latency wait;  // recorded when a task ends (D20)
  Latency exec;
  // Redis mode only; nullopt elsewhere.
  MaybeNumber waiting;                              // ready tasks + mailbox, not in flight
  MaybeNumber jobs_waiting;                         // unclaimed background jobs
  MaybeNumber jobs_claimed;                         // claimed background jobs, not yet acknowledged
  MaybeNumber in_flight;                            // claimed tasks
  PerUserType<MaybeNumber> oldest_waiting_seconds;  // age of the next task to be taken (D20)
};

struct PoolUse {
  MaybeNumber in_use, limit, available, size;
  MaybeNumber utilization;  // ratio
  MaybeNumber reporting_processes;
  WindowMeans window_in_use;
  WindowMeans window_utilization;  // ratios
};

struct Instance {
  std::string id;
  MaybeNumber processes, healthy_processes, capacity, load;
  MaybeNumber max_heartbeat_age_seconds;
  std::optional<bool> draining;
  MaybeNumber stale_processes;
  // Live processes that accept work (see fleet_count.h), their slots and running tasks; nullopt:
  // not known of all of them.
  MaybeNumber working, slots, running;
  MaybeNumber draining_load;  // tasks of live processes that accept no work
};

// One service, over all its instances.
struct ServiceFleet {
  bool present = false;          // the source has a section for it
  bool other_scheduler = false;  // a process takes tasks from a scheduler that is not read
  MaybeNumber instances, processes, expected_processes, healthy_processes, unhealthy_processes,
      stale_processes, draining_processes;
  MaybeNumber load, capacity;  // running tasks (proc), slots
  // Configured: worker processes per instance, task slots per worker process.
  MaybeNumber processes_per_instance, concurrency_per_process;
  // Maximum connections (pool limit x processes).
  MaybeNumber postgres_connections_per_instance;  // pools.estimated_pg_per_instance
  MaybeNumber redis_connections_per_process;      // pools.redis_max_connections
  std::array<PoolUse, kPoolCount> pools;
  std::vector<Instance> instance_list;
};

struct ThrottleWindow {
  MaybeNumber throttled, rate_limit_429, backpressure_503;
};

// Counts of the last 3, 6, 12 and 24 hours.
struct ThrottlePeriodLoad {
  ThrottleWindow refused;
  MaybeNumber requests;  // attempted
};
inline constexpr std::array<int, 4> kLongPeriodHours = {3, 6, 12, 24};

struct Throttling {
  PerWindow<ThrottleWindow> windows;  // throttling_windows
  ThrottleWindow hour;                // throttling_stats: the scalar that the upstream exports
  MaybeNumber requests_hour;          // throttling_stats.total_attempted
  std::array<ThrottlePeriodLoad, kLongPeriodHours.size()> periods;  // throttling_by_period
};

// capacity_transparency: the upstream's explanation of its own capacity.
struct CapacityTransparency {
  std::string source;  // "chat:proc"; empty when absent
  MaybeNumber configured_processes, actual_processes, healthy_processes;
  MaybeNumber concurrent_total, concurrent_effective, concurrent_queue, concurrent_system;
  MaybeNumber warnings;
};

struct DbConnections {
  MaybeNumber limit;
  std::string limit_source;  // "config", "query" or empty
  MaybeNumber estimated, estimated_per_instance;
  MaybeNumber estimated_ratio;  // estimated / limit
};

struct CircuitBreaker {
  std::string name;
  std::string state;  // "closed", "open", "half_open"; empty when absent
  MaybeNumber window_failures;
  MaybeNumber failures;
};

// The upstream's defaults for missing configuration.
struct GatewayDefaults {
  double concurrent_per_process = 5, processes_per_instance = 1;
  double capacity_buffer = 0.2, queue_depth_multiplier = 2;
  double anonymous_ratio = 0.6, registered_ratio = 0.8, paid_ratio = 0.8, hard_limit_ratio = 0.95;
};
inline constexpr GatewayDefaults kGatewayDefaults;

// One service's slice of the gateway configuration, from which capacity is computed.
struct GatewayCapacity {
  MaybeNumber concurrent_per_process, processes_per_instance;
  MaybeNumber capacity_buffer, queue_depth_multiplier;
  std::string capacity_source;  // service whose processes are the capacity; "proc" by default
  // Share of the capacity from which a user class is refused.
  MaybeNumber anonymous_ratio, registered_ratio, paid_ratio, hard_limit_ratio;
};

// Number of fields of a wrong type or an impossible value, by what they affect. The field itself is
// absent.
struct MalformedFields : PerService<int> {  // signals of that service
  int other = 0;                            // fields that no decision uses

  int Total() const { return ingress + proc + other; }
};

struct Snapshot {
  absl::Time taken_at = absl::InfinitePast();  // the document's own timestamp
  Target named;                                // target named in the document; may be empty
  PerService<ServiceFleet> fleet;
  SseLoad sse;
  Latency rest;
  QueueLoad queue;
  PerService<Throttling> throttling;  // from that service's document
  CapacityTransparency capacity;
  DbConnections db;
  std::vector<CircuitBreaker> circuit_breakers;
  GatewayCapacity gateway_proc;
  EventCounts counts;  // redis and demo mode
  MalformedFields malformed;
};

}  // namespace chatscale
