#include "exporter/sources/redis/state/fleet.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"

namespace chatscale::redis {
namespace {

constexpr double kFutureToleranceSeconds = 60;
constexpr double kUpstreamCapacityAgeSeconds = 60;

bool IsFull(const Heartbeat& heartbeat) {
  return heartbeat.load && heartbeat.capacity && *heartbeat.capacity > 0 &&
         *heartbeat.load >= *heartbeat.capacity;
}

Status StatusOf(const Heartbeat& heartbeat, double age, double timeout) {
  if (age < -kFutureToleranceSeconds) return Status::kUnknown;
  if (age > timeout) return Status::kStale;
  if (heartbeat.draining) return Status::kDraining;
  switch (heartbeat.health) {
    case Health::kHealthy:
      return Status::kHealthy;
    case Health::kDegraded:
      return Status::kDegraded;
    case Health::kUnhealthy:
      return heartbeat.Is(Service::kIngress) || IsFull(heartbeat) ? Status::kDegraded
                                                                  : Status::kUnhealthy;
    case Health::kUnknown:
    case Health::kOther:
      break;
  }
  return Status::kUnknown;
}

}  // namespace

bool Process::FromTheFuture() const { return age_seconds < -kFutureToleranceSeconds; }

Process Classify(Heartbeat heartbeat, const GatewayConfig& config, double now) {
  Process process;
  process.age_seconds = now - heartbeat.last_heartbeat;
  process.status = StatusOf(heartbeat, process.age_seconds, config.heartbeat_timeout_seconds);
  process.heartbeat = std::move(heartbeat);
  return process;
}

std::string StatusName(const Process& process) {
  switch (process.status) {
    case Status::kHealthy:
      return "healthy";
    case Status::kDegraded:
      return "degraded";
    case Status::kUnhealthy:
      return "unhealthy";
    case Status::kDraining:
      return "draining";
    case Status::kStale:
      return "stale";
    case Status::kUnknown:
      break;
  }
  return process.heartbeat.health == Health::kOther ? process.heartbeat.other_health : "unknown";
}

std::vector<InstanceGroup> GroupByInstance(const std::vector<Process>& processes,
                                           std::string_view service_type,
                                           std::string_view service_name) {
  // Of a few, which is usual, a list is searched faster; it may be ten thousand.
  constexpr std::size_t kFew = 16;
  std::vector<InstanceGroup> groups;
  absl::flat_hash_map<std::string_view, std::size_t> places;
  const auto place_of = [&](std::string_view id) -> std::size_t {
    if (processes.size() > kFew) return places.try_emplace(id, groups.size()).first->second;
    const auto same = [id](const InstanceGroup& group) { return group.id == id; };
    return static_cast<std::size_t>(std::ranges::find_if(groups, same) - groups.begin());
  };
  for (const Process& process : processes) {
    const Heartbeat& heartbeat = process.heartbeat;
    if (heartbeat.service_type != service_type || heartbeat.service_name != service_name) continue;
    const std::size_t place = place_of(heartbeat.instance_id);
    if (place == groups.size()) groups.push_back({heartbeat.instance_id, {}});
    groups[place].processes.push_back(&process);
  }
  return groups;
}

FleetCapacity CapacityOf(const std::vector<Process>& processes, const GatewayConfig& config) {
  FleetCapacity capacity;
  for (const InstanceGroup& group : GroupByInstance(processes, config.proc.capacity_source_type,
                                                    config.proc.capacity_source_name)) {
    int reported = 0;
    int working = 0;
    for (const Process* process : group.processes) {
      const Health health = process->heartbeat.health;
      const bool contains_healthy = health == Health::kHealthy || health == Health::kUnhealthy;
      if (contains_healthy && process->age_seconds <= kUpstreamCapacityAgeSeconds) ++reported;
      if (process->Works()) ++working;
    }
    capacity.reported += config.proc.Room(reported).Total();
    capacity.corrected += config.proc.Room(working).Total();
  }
  return capacity;
}

std::vector<std::string> AliveInstances(const std::vector<Process>& processes,
                                        const GatewayConfig& config) {
  std::vector<std::string> alive;
  for (const InstanceGroup& group : GroupByInstance(processes, config.proc.capacity_source_type,
                                                    config.proc.capacity_source_name)) {
    const bool any = std::any_of(group.processes.begin(), group.processes.end(),
                                 [](const Process* p) { return p->status != Status::kStale; });
    if (any) alive.emplace_back(group.id);
  }
  return alive;
}

}  // namespace chatscale::redis
