// One heartbeat of a worker process (contract 2.1), decoded. Pure.
//
// A field of a wrong type or an impossible value (negative, above 1e9) is absent and counted in
// `malformed` or `malformed_pools`. Without its three ids, or with a time that is no number, there
// is no heartbeat.
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

// What the writer says of itself. kOther keeps the writer's words in Heartbeat::other_health.
enum class Health { kHealthy, kDegraded, kUnhealthy, kUnknown, kOther };

struct PoolReading {  // connections
  MaybeNumber limit, size, available, in_use;
};

struct Heartbeat {
  std::string instance_id;
  std::string service_type;
  std::string service_name;
  std::optional<int> process_id;
  std::optional<int> port;
  MaybeNumber load;           // tasks executing now; ingress always says 0 (D22)
  MaybeNumber capacity;       // task slots
  double last_heartbeat = 0;  // Unix seconds by the writer's clock; 0 when missing
  Health health = Health::kUnknown;
  std::string other_health;  // lower-cased printed form of a health that is not text
  std::array<std::optional<PoolReading>, kPoolCount> pools;
  bool draining = false;         // metadata.processor: takes no new tasks
  bool other_scheduler = false;  // it takes its tasks from somewhere else than the lists we read
  int malformed = 0;
  int malformed_pools = 0;  // apart from those: fields of `pools`

  bool Is(Service service) const {
    return service_type == kServiceType && service_name == ServiceName(service);
  }
};

std::optional<Heartbeat> ParseHeartbeat(TolerantParser& parser, std::string_view json);

// Worker processes and what they are, each word meaning what it says (D1, D2, D6, D24). Pure.

enum class Status {
  kHealthy,
  kDegraded,   // from 80 % of its load, and when full: busy is not broken (D2). Also an ingress
               // process that calls itself unhealthy: one failed beat marks it for life (D24)
  kUnhealthy,  // a processor that says so while it has free slots
  kDraining,   // takes no new tasks (metadata.processor)
  kStale,      // its heartbeat is older than the configured limit
  kUnknown,    // none of these words, or a heartbeat more than a minute from the future (R11)
};

struct Process {
  Heartbeat heartbeat;
  double age_seconds = 0;
  Status status = Status::kUnknown;

  // Written more than a minute from now: by its clock or by ours, nothing it says is of now.
  bool FromTheFuture() const;
  // Task slots: what it says itself, else what is configured.
  double Slots(const ServiceConfig& config) const {
    return heartbeat.capacity.value_or(0) > 0 ? *heartbeat.capacity : config.concurrent_per_process;
  }
  // Live and accepts work: its slots and tasks are the fleet's (exporter/model/fleet_count.h).
  bool InFleet() const {
    return status != Status::kStale && status != Status::kDraining && status != Status::kUnknown;
  }
  // Works as far as it says: the upstream's "healthy".
  bool Works() const { return status == Status::kHealthy || status == Status::kDegraded; }
};

Process Classify(Heartbeat heartbeat, const GatewayConfig& config, double now);

// "healthy"; for a health that is not text, the writer's own words.
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
  double reported = 0;   // as the upstream computes it (contract 4.2, with D1, D2 and D6)
  double corrected = 0;  // every process counted that is live and does not drain
};
FleetCapacity CapacityOf(const std::vector<Process>& processes, const GatewayConfig& config);

// Instances of the capacity source with a process that is not stale.
std::vector<std::string> AliveInstances(const std::vector<Process>& processes,
                                        const GatewayConfig& config);

// Connection pools of one component, summed over its processes (contract 4.5). Pure.

struct PoolTotals {  // connections; nullopt when no process reports one
  MaybeNumber limit, size, available, in_use;
  int reporting = 0;  // processes

  MaybeNumber Utilization() const;  // ratio of in_use to limit, or to size when no limit is told
};

std::array<PoolTotals, kPoolCount> PoolTotalsOf(const std::vector<InstanceGroup>& groups);

// Reads who is alive: heartbeats and open streams of one target.
//
// Processes are found through the process indexes; those that are not indexed through keys that a
// SCAN happened to meet. A key that is gone is forgotten until it is found again.

class ProcessReader {
 public:
  explicit ProcessReader(const KeySpace& keys) : keys_(keys) {}

  // A key of this target, met by a SCAN; any other kind of key is ignored.
  void Observe(std::string_view key);

  void AskIndexes(const GatewayConfig& config, double now, Pipeline& pipeline);
  void TakeIndexes(ReplyStream& replies, TargetFaults& faults);

  void AskProcesses(Pipeline& pipeline);
  void TakeProcesses(const GatewayConfig& config, double now, TolerantParser& parser,
                     ReplyStream& replies, TargetFaults& faults);

  // As of the last TakeProcesses; in byte order of their keys.
  std::vector<Process> TakeOver() { return std::move(processes_); }
  int heartbeat_keys() const { return heartbeat_keys_; }
  std::optional<SseTotals> sse() const { return TotalsOf(sse_); }
  MaybeNumber sse_coverage() const { return CoverageOf(sse_); }

 private:
  void TakeStreams(const std::set<std::string>& alive, const GatewayConfig& config, double now,
                   TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults);
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
