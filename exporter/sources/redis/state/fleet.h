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
  // Takes work: part of the capacity.
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
  double corrected = 0;  // every working process counted
};
FleetCapacity CapacityOf(const std::vector<Process>& processes, const GatewayConfig& config);

// Instances of the capacity source with a process that is not stale.
std::vector<std::string> AliveInstances(const std::vector<Process>& processes,
                                        const GatewayConfig& config);

}  // namespace chatscale::redis
