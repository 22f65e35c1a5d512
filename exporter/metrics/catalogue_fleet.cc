// Catalogue rows of the fleet: pools, capacity, database connections, circuit breakers, instances.
#include <algorithm>
#include <cmath>

#include "exporter/metrics/catalogue_rows.h"
#include "exporter/model/fleet_count.h"

namespace chatscale {
namespace {

// Calls use(name, fleet) for each service that the source has.
template <typename Use>
void EachService(const Snapshot& snapshot, Use use) {
  for (const Service service : kServices) {
    if (snapshot.fleet[service].present) use(NameOf(service), snapshot.fleet[service]);
  }
}

void EmitServices(const Snapshot& snapshot, MaybeNumber ServiceFleet::*field, const Emit& emit) {
  EachService(snapshot, [&](const char* name, const ServiceFleet& fleet) {
    emit({{"component", name}}, fleet.*field);
  });
}

void EmitCounts(const Snapshot& snapshot, MaybeNumber FleetCount::*field, const Emit& emit) {
  EachService(snapshot, [&](const char* name, const ServiceFleet& fleet) {
    emit({{"component", name}}, CountFleet(fleet).*field);
  });
}

template <typename Use>
void EachPool(const Snapshot& snapshot, Use use) {
  EachService(snapshot, [&](const char* name, const ServiceFleet& fleet) {
    for (std::size_t p = 0; p < kPoolCount; ++p) {
      use(Labels{{"component", name}, {"pool", kPoolNames[p]}}, fleet.pools[p]);
    }
  });
}

void EmitPools(const Snapshot& snapshot, MaybeNumber PoolUse::*field, const Emit& emit) {
  EachPool(snapshot, [&](const Labels& labels, const PoolUse& pool) { emit(labels, pool.*field); });
}

std::vector<MetricRow> PoolRows() {
  return {
      {.name = "chat.pool.connections_in_use",
       .help = "Connections in use, all processes together. "
               "Source: components.<component>.pools_aggregate.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitPools(s, &PoolUse::in_use, emit); },
       .labels = {"component", "pool"}},
      {.name = "chat.pool.connections_limit",
       .help = "Connections the pools may open. Source: components.<component>.pools_aggregate.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitPools(s, &PoolUse::limit, emit); },
       .labels = {"component", "pool"}},
      {.name = "chat.pool.connections_available",
       .help = "Open connections that are idle. Source: components.<component>.pools_aggregate.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitPools(s, &PoolUse::available, emit); },
       .labels = {"component", "pool"}},
      {.name = "chat.pool.utilization_ratio",
       .unit = Unit::kRatio,
       .help = "Connections in use divided by the limit. "
               "Source: components.<component>.pools_aggregate.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitPools(s, &PoolUse::utilization, emit); },
       .labels = {"component", "pool"}},
      {.name = "chat.pool.reporting_processes",
       .help = "Processes that report this pool. Source: components.<component>.pools_aggregate.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitPools(s, &PoolUse::reporting_processes, emit); },
       .labels = {"component", "pool"}},
      {.name = "chat.pool.window_in_use",
       .help = "Connections in use over rolling windows. "
               "Source: components.<component>.pools_aggregate.in_use_windows.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             EachPool(s, [&](const Labels& labels, const PoolUse& pool) {
               EmitWindows(pool.window_in_use, labels, emit);
             });
           },
       .labels = {"component", "pool", "stat", "window"}},
      {.name = "chat.pool.window_utilization_ratio",
       .unit = Unit::kRatio,
       .help = "Pool utilization over rolling windows. "
               "Source: components.<component>.pools_aggregate.utilization_windows.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             EachPool(s, [&](const Labels& labels, const PoolUse& pool) {
               EmitWindows(pool.window_utilization, labels, emit);
             });
           },
       .labels = {"component", "pool", "stat", "window"}},
  };
}

std::vector<MetricRow> ServiceCapacityRows() {
  return {
      {.name = "chat.capacity.source_info",
       .help = "Service whose processes are counted as capacity. "
               "Source: capacity_transparency.instance_scaling.capacity_source.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             if (!s.capacity.source.empty()) emit({{"source", s.capacity.source}}, 1.0);
           },
       .labels = {"source"}},
      {.name = "chat.capacity.processes",
       .help = "Processes of the capacity source, the whole fleet. "
               "Source: capacity_transparency.instance_scaling.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             emit({{"kind", "configured"}}, s.capacity.configured_processes);
             emit({{"kind", "actual"}}, s.capacity.actual_processes);
             emit({{"kind", "healthy"}}, s.capacity.healthy_processes);
           },
       .labels = {"kind"}},
      {.name = "chat.capacity.concurrent_tasks",
       .help = "Tasks the fleet can take, as the upstream computes it (D1 to D3 apply). "
               "Source: capacity_transparency.instance_scaling.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             emit({{"kind", "total"}}, s.capacity.concurrent_total);
             emit({{"kind", "effective"}}, s.capacity.concurrent_effective);
             emit({{"kind", "queue"}}, s.capacity.concurrent_queue);
             emit({{"kind", "system"}}, s.capacity.concurrent_system);
           },
       .labels = {"kind"}},
      {.name = "chat.capacity.warnings",
       .help = "Capacity warnings of the upstream; their texts are in /metrics/combined. "
               "Source: capacity_transparency.capacity_warnings.",
       .value = [](const Snapshot& s) { return s.capacity.warnings; }},
  };
}

std::vector<MetricRow> ConnectionRows() {
  return {
      {.name = "chat.db.connections_limit",
       .help = "PostgreSQL connections allowed. Source: db_connections.max_connections.",
       .value = [](const Snapshot& s) { return s.db.limit; }},
      {.name = "chat.db.connections_estimated",
       .help = "PostgreSQL connections the processor instances may open, as the upstream estimates "
               "it: ingress is not counted (D23). Source: db_connections.estimated_total.",
       .value = [](const Snapshot& s) { return s.db.estimated; }},
      {.name = "chat.db.connections_estimated_ratio",
       .unit = Unit::kRatio,
       .help = "Estimated connections divided by the limit. Source: db_connections.percent_of_max.",
       .value = [](const Snapshot& s) { return s.db.estimated_ratio; }},
      {.name = "chat.db.connections_estimated_per_instance",
       .help = "PostgreSQL connections one instance may open. "
               "Source: components.<component>.pools.estimated_pg_per_instance.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             EmitServices(s, &ServiceFleet::postgres_connections_per_instance, emit);
           },
       .labels = {"component"}},
      {.name = "chat.circuit_breaker.state",
       .help = "1 for the state the circuit breaker is in. Source: circuit_breakers.<name>.state.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             for (const CircuitBreaker& breaker : s.circuit_breakers) {
               if (breaker.state.empty()) continue;
               for (const char* state : {"closed", "open", "half_open"}) {
                 emit({{"breaker", breaker.name}, {"state", state}},
                      breaker.state == state ? 1.0 : 0.0);
               }
             }
           },
       .labels = {"breaker", "state"}},
      {.name = "chat.circuit_breaker.failures",
       .help = "Failures in the circuit breaker's window. "
               "Source: circuit_breakers.<name>.current_window_failures.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             for (const CircuitBreaker& breaker : s.circuit_breakers) {
               emit({{"breaker", breaker.name}}, breaker.window_failures);
             }
           },
       .labels = {"breaker"}},
  };
}

std::vector<MetricRow> InstanceRows() {
  return {
      {.name = "chat.instances",
       .help = "Instances (tasks, pods) with a heartbeat, stale ones included. "
               "Source: components.<component>.instance_count.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitServices(s, &ServiceFleet::instances, emit); },
       .labels = {"component"}},
      {.name = "chat.processes",
       .help =
           "Worker processes by state; healthy includes degraded and, from an upstream document, "
           "busy ones (D1). Source: components.<component>.instances.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             EachService(s, [&](const char* name, const ServiceFleet& c) {
               emit({{"component", name}, {"state", "healthy"}}, c.healthy_processes);
               emit({{"component", name}, {"state", "unhealthy"}}, c.unhealthy_processes);
               emit({{"component", name}, {"state", "stale"}}, c.stale_processes);
               emit({{"component", name}, {"state", "draining"}}, c.draining_processes);
             });
           },
       .labels = {"component", "state"}},
  };
}

// Over live processes that accept work.
std::vector<MetricRow> WorkingRows() {
  return {
      {.name = "chat.tasks_running",
       .help = "Tasks that live processors run which accept work; ingress never reports its load "
               "(D22). Source: components.proc.instances[].load.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             emit({{"component", "proc"}}, CountFleet(s.fleet.proc).running);
           },
       .labels = {"component"}},
      {.name = "chat.task_slots",
       .help = "Tasks that live processes which accept work can execute at once, as they report "
               "it. Source: components.<component>.instances[].capacity.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitCounts(s, &FleetCount::slots, emit); },
       .labels = {"component"}},
      {.name = "chat.draining_replicas",
       .help = "Draining replicas: live, and take no new work. They are not among "
               "chat_recommender_current_replicas.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitCounts(s, &FleetCount::draining_replicas, emit); },
       .labels = {"component"}},
      {.name = "chat.draining_tasks",
       .help = "Tasks that draining processors still run; not in demand, pressure and utilization.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             emit({{"component", "proc"}}, CountFleet(s.fleet.proc).draining_load);
           },
       .labels = {"component"}},
      {.name = "chat.fleet_differs",
       .help = "1 while processes and configuration disagree: slots = task slots of a process, "
               "shared_instance_id = more processes on an instance than it is configured for, so "
               "that replicas seem to share an INSTANCE_ID. The reports of processes are used.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             EachService(s, [&](const char* name, const ServiceFleet& fleet) {
               emit({{"component", name}, {"kind", "slots"}}, SlotsDiffer(fleet) ? 1 : 0);
               emit({{"component", name}, {"kind", "shared_instance_id"}},
                    CountFleet(fleet).shared_identity ? 1 : 0);
             });
           },
       .labels = {"component", "kind"}},
      {.name = "chat.heartbeat_age_seconds",
       .unit = Unit::kSeconds,
       .help = "Age of the oldest heartbeat. "
               "Source: components.<component>.instances[].max_age_seconds.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             EachService(s, [&](const char* name, const ServiceFleet& fleet) {
               MaybeNumber oldest;
               for (const Instance& instance : fleet.instance_list) {
                 // Redis expires heartbeats after seconds: a day is a clock error, or no time.
                 constexpr double kMostAge = 86'400;
                 const MaybeNumber age = instance.max_heartbeat_age_seconds;
                 if (age && std::abs(*age) <= kMostAge) oldest = std::max(oldest, age);
               }
               emit({{"component", name}, {"stat", "max"}}, oldest);
             });
           },
       .labels = {"component", "stat"}},
  };
}

}  // namespace

std::vector<MetricRow> FleetRows() {
  std::vector<MetricRow> rows = PoolRows();
  for (const auto& more :
       {ServiceCapacityRows(), ConnectionRows(), InstanceRows(), WorkingRows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace chatscale
