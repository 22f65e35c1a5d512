#include "exporter/sources/redis/snapshot/transparency.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace chatscale::redis {
namespace {

std::vector<InstanceGroup> SourceGroups(const TargetState& state) {
  const ServiceConfig& proc = state.gateway->config.proc;
  return GroupByInstance(state.processes, proc.capacity_source_type, proc.capacity_source_name);
}

int Working(const InstanceGroup& group) {
  return static_cast<int>(std::count_if(group.processes.begin(), group.processes.end(),
                                        [](const Process* p) { return p->Works(); }));
}

std::string IdleInstanceWarning(const InstanceGroup& group, double grace_seconds) {
  double newest = group.processes.front()->age_seconds;
  bool draining = false;
  for (const Process* process : group.processes) {
    newest = std::min(newest, process->age_seconds);
    draining = draining || process->status == Status::kDraining;
  }
  const bool recent = draining || newest <= grace_seconds;
  return absl::StrFormat(
      "Instance %s has no healthy capacity-source processes (%s; last heartbeat %ds ago)",
      std::string(group.id), recent ? "draining" : "stale",
      static_cast<long>(std::max(newest, 0.0)));
}

}  // namespace

CapacityTransparency TransparencyOf(const TargetState& state) {
  const GatewayConfig& config = state.gateway->config;
  const ServiceConfig& own = config.proc;
  std::set<std::string_view> instances;
  for (const Process& p : state.processes) instances.insert(p.heartbeat.instance_id);
  double actual = 0, healthy = 0, system = 0;
  for (const InstanceGroup& group : SourceGroups(state)) {
    const int working = Working(group);
    actual += static_cast<double>(group.processes.size());
    healthy += working;
    system += own.Room(working).Total();
  }
  CapacityTransparency out;
  out.source =
      absl::StrCat(config.proc.capacity_source_type, ":", config.proc.capacity_source_name);
  out.configured_processes =
      config.proc.processes_per_instance.value_or(0) * static_cast<double>(instances.size());
  out.actual_processes = actual;
  out.healthy_processes = healthy;
  out.concurrent_total = own.concurrent_per_process * healthy;
  const QueueRoom room = own.Room(healthy);
  out.concurrent_effective = room.running;
  out.concurrent_queue = room.waiting;
  out.concurrent_system = system;
  out.warnings = static_cast<double>(CapacityWarnings(state).size());
  return out;
}

std::vector<std::string> CapacityWarnings(const TargetState& state) {
  constexpr double kPoorHealth = 0.8;
  const GatewayConfig& config = state.gateway->config;
  const auto groups = SourceGroups(state);
  double actual = 0, healthy = 0;
  for (const InstanceGroup& group : groups) {
    actual += static_cast<double>(group.processes.size());
    healthy += Working(group);
  }
  std::vector<std::string> warnings;
  const double expected = config.proc.processes_per_instance.value_or(0);
  if (healthy < expected) {
    warnings.push_back(absl::StrFormat("Process deficit: %d processes missing or unhealthy",
                                       static_cast<long>(expected - healthy)));
  }
  const double ratio = healthy / std::max(actual, 1.0);
  if (ratio < kPoorHealth) {
    warnings.push_back(
        absl::StrFormat("Low process health: only %.1f%% of processes are healthy", ratio * 100));
  }
  const double timeout = config.heartbeat_timeout_seconds;
  const double grace = std::max(2 * timeout, timeout + 10);
  for (const InstanceGroup& group : groups) {
    if (Working(group) == 0) warnings.push_back(IdleInstanceWarning(group, grace));
  }
  return warnings;
}

DbConnections DbConnectionsOf(const TargetState& state) {
  const ServiceConfig& proc = state.gateway->config.proc;
  const double instances = static_cast<double>(
      std::max<std::size_t>(1, AliveInstances(state.processes, state.gateway->config).size()));
  double processes = proc.processes_per_instance.value_or(1);
  if (processes <= 0) processes = 1;
  DbConnections out;
  out.estimated_per_instance = proc.PgPerProcess() * processes;
  out.estimated = *out.estimated_per_instance * instances;
  if (proc.pg_max_connections) {
    out.limit = proc.pg_max_connections;
    out.limit_source = "config";
  } else if (state.postgres_max_connections) {
    out.limit = static_cast<double>(*state.postgres_max_connections);
    out.limit_source = "query";
  }
  if (out.limit && *out.limit > 0) out.estimated_ratio = *out.estimated / *out.limit;
  return out;
}

}  // namespace chatscale::redis
