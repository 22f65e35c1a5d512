// Worker processes and what they are, each word meaning what it says (D1, D2, D6, D24). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/sources/redis/state/gateway_config.h"
#include "exporter/sources/redis/state/heartbeat.h"

namespace chatscale::redis {

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

}  // namespace chatscale::redis
