// Worker processes: their heartbeats, decoded, and their status, slots and connection pools.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/redis/gateway_config.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/streams.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

class TolerantParser;

// As reported by the writer. For kOther, Heartbeat::other_health has its text.
enum class Health { kHealthy, kDegraded, kUnhealthy, kUnknown, kOther };

struct PoolSample {  // connections
  MaybeNumber limit, size, available, in_use;
};

// A heartbeat, decoded. A field of a wrong type or an impossible value (negative, above 1e9) is
// absent and counted in `malformed` or `malformed_pools`.
struct Heartbeat {
  std::string instance_id;
  std::string service_type;
  std::string service_name;
  std::optional<int> process_id;
  std::optional<int> port;
  MaybeNumber load;           // tasks executing now; ingress always reports 0 (D22)
  MaybeNumber capacity;       // task slots
  double last_heartbeat = 0;  // Unix seconds by the writer's clock; 0 when missing
  Health health = Health::kUnknown;
  std::string other_health;  // lower-cased printed form of a health that is not text
  std::array<std::optional<PoolSample>, kPoolCount> pools;
  bool draining = false;         // metadata.processor: takes no new tasks
  bool other_scheduler = false;  // its tasks come from elsewhere than the lists we read
  int malformed = 0;             // fields outside `pools`
  int malformed_pools = 0;

  bool Is(Service service) const {
    return service_type == kServiceType && service_name == ServiceName(service);
  }
};

// Nullopt when one of the three ids is missing or the time is not a number. Pure.
std::optional<Heartbeat> ParseHeartbeat(TolerantParser& parser, std::string_view json);

// Status of a process by its heartbeat, with the upstream's defects corrected (D1, D2, D6, D24).
enum class Status {
  kHealthy,
  kDegraded,   // from 80 % of its load, and when full: busy is not broken (D2). Also an ingress
               // process reported unhealthy: one failed heartbeat marks it for life (D24)
  kUnhealthy,  // a processor that reports so while it has free slots
  kDraining,   // takes no new tasks (metadata.processor)
  kStale,      // its heartbeat is older than the configured limit
  kUnknown,    // another health, or a heartbeat more than a minute in the future (R11)
};

struct Process {
  Heartbeat heartbeat;
  double age_seconds = 0;
  Status status = Status::kUnknown;

  // The heartbeat's time is more than a minute in the future: a clock is wrong, its or ours.
  bool FromTheFuture() const;
  // Task slots, as reported by the process, else as configured.
  double Slots(const ServiceConfig& config) const {
    return heartbeat.capacity.value_or(0) > 0 ? *heartbeat.capacity : config.concurrent_per_process;
  }
  // Live and accepts work: its slots and tasks count (exporter/model/fleet_count.h).
  bool InFleet() const {
    return status != Status::kStale && status != Status::kDraining && status != Status::kUnknown;
  }
  // The upstream's "healthy".
  bool Works() const { return status == Status::kHealthy || status == Status::kDegraded; }
};

Process Classify(Heartbeat heartbeat, const GatewayConfig& config, double now);

// Such as "healthy"; for a health that is not text, its printed form.
std::string StatusName(const Process& process);

// One instance's processes of one service, in the order given.
struct InstanceGroup {
  std::string_view id;
  std::vector<const Process*> processes;
};

// By instance, in the order of first appearance.
std::vector<InstanceGroup> GroupByInstance(const std::vector<Process>& processes,
                                           std::string_view service_type,
                                           std::string_view service_name);
inline std::vector<InstanceGroup> GroupByInstance(const std::vector<Process>& processes,
                                                  Service service) {
  return GroupByInstance(processes, kServiceType, ServiceName(service));
}

struct FleetCapacity {   // tasks
  double reported = 0;   // as the upstream computes it, with D1, D2 and D6
  double corrected = 0;  // of every process that is live and does not drain
};
FleetCapacity CapacityOf(const std::vector<Process>& processes, const GatewayConfig& config);

// Instances of the capacity source with a process that is not stale.
std::vector<std::string> AliveInstances(const std::vector<Process>& processes,
                                        const GatewayConfig& config);

// Connection pools of one component, summed over its processes; nullopt when none reports one.
struct PoolTotals {
  MaybeNumber limit, size, available, in_use;
  int reporting = 0;  // processes

  MaybeNumber Utilization() const;  // in_use / limit, or / size when no limit is reported
};

std::array<PoolTotals, kPoolCount> PoolTotalsOf(const std::vector<InstanceGroup>& groups);

// Reads the heartbeats and open streams of one target.
//
// Processes are found through the process indexes; those that are not indexed, by SCAN. A key that
// has expired is dropped until it is found again.
class ProcessReader {
 public:
  explicit ProcessReader(const KeySpace& keys) : keys_(keys) {}

  // Adds a heartbeat or SSE key of this target, found by SCAN; other kinds of keys are ignored.
  void Observe(std::string_view key);

  void AddIndexCommands(const GatewayConfig& config, double now, Pipeline& pipeline);
  void ParseIndexReplies(ReplyStream& replies, TargetFaults& faults);

  void AddProcessCommands(Pipeline& pipeline);
  void ParseProcessReplies(const GatewayConfig& config, double now, TolerantParser& parser,
                           ReplyStream& replies, TargetFaults& faults);

  // Moves out the processes of the last ParseProcessReplies, in byte order of their keys.
  std::vector<Process> TakeProcesses() { return std::move(processes_); }
  int heartbeat_keys() const { return heartbeat_keys_; }
  std::optional<SseTotals> sse() const { return TotalsOf(sse_); }
  MaybeNumber sse_coverage() const { return CoverageOf(sse_); }

 private:
  void ParseStreamReplies(const std::set<std::string>& alive, const GatewayConfig& config,
                          double now, TolerantParser& parser, ReplyStream& replies,
                          ReplyFaults& faults);
  void MarkDraining();

  const KeySpace& keys_;
  std::set<std::string> asked_indexes_;            // keys
  std::set<std::string, std::less<>> heartbeats_;  // keys
  std::set<std::string> found_streams_;            // "<instance_id>:<process_id>", by SCAN
  std::vector<std::string> asked_heartbeats_;
  std::set<std::string> asked_streams_;
  std::vector<Process> processes_;
  int heartbeat_keys_ = 0;
  SseTable sse_;
};

}  // namespace chatscale::redis
