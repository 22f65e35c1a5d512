#include "exporter/redis/redis_snapshot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/redis/processes.h"

namespace chatscale::redis {

double RoundTo(double value, int decimals) {
  if (!std::isfinite(value) || std::abs(value) > 1e15) return value;
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return std::strtod(text, nullptr);
}

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

namespace {

constexpr double kPerMille = 0.001;
constexpr double kPercent = 0.01;

Latency LatencyOf(const WindowPercentiles& windows) {
  Latency out;
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    if (!windows[w]) continue;
    const PercentileValues& values = *windows[w];
    out[w].count = static_cast<double>(values.count);
    if (values.count == 0) continue;
    out[w].p50_seconds = values.p50 * kPerMille;
    out[w].p95_seconds = values.p95 * kPerMille;
    out[w].p99_seconds = values.p99 * kPerMille;
    out[w].max_seconds = values.max * kPerMille;
  }
  return out;
}

WindowMeans Scaled(WindowMeans means, double factor) {
  for (MaybeNumber& mean : means.mean) {
    if (mean) *mean *= factor;
  }
  if (means.max) *means.max *= factor;
  return means;
}

Instance InstanceOf(const InstanceGroup& group, const ServiceConfig& config) {
  Instance out{.id = std::string(group.id), .processes = group.processes.size()};
  double healthy = 0, load = 0, capacity = 0, stale = 0, draining = 0;
  out.working = out.slots = out.running = out.draining_load = 0;
  double max_age = group.processes.front()->age_seconds;
  for (const Process* process : group.processes) {
    healthy += process->Works() ? 1 : 0;
    stale += process->status == Status::kStale ? 1 : 0;
    draining += process->status == Status::kDraining ? 1 : 0;
    load += process->heartbeat.load.value_or(0);
    capacity += process->heartbeat.capacity.value_or(0);
    max_age = std::max(max_age, process->age_seconds);
    if (process->status == Status::kDraining) {
      *out.draining_load += process->heartbeat.load.value_or(0);
    } else if (process->InFleet()) {
      *out.working += 1;
      *out.slots += process->Slots(config);
      if (!process->heartbeat.load) out.running.reset();
      if (out.running) *out.running += *process->heartbeat.load;
    }
  }
  out.healthy_processes = healthy;
  out.load = load;
  out.capacity = capacity;
  out.stale_processes = stale;
  out.max_heartbeat_age_seconds = max_age;
  out.draining = draining >= *out.processes;
  return out;
}

void ReadPools(const std::vector<InstanceGroup>& groups,
               const std::array<PoolWindows, kPoolCount>& windows, ServiceFleet& out) {
  const auto totals = PoolTotalsOf(groups);
  for (std::size_t p = 0; p < kPoolCount; ++p) {
    out.pools[p] = {.in_use = totals[p].in_use,
                    .limit = totals[p].limit,
                    .available = totals[p].available,
                    .size = totals[p].size,
                    .utilization = totals[p].Utilization(),
                    .reporting_processes = totals[p].reporting,
                    .window_in_use = windows[p].in_use,
                    .window_utilization = Scaled(windows[p].utilization_percent, kPercent)};
  }
}

ServiceFleet FleetOf(const TargetState& state, Service service) {
  const ServiceConfig& config = state.gateway->config[service];
  ServiceFleet out;
  out.present = true;
  const auto groups = GroupByInstance(state.processes, service);
  double processes = 0, healthy = 0, unhealthy = 0, stale = 0, draining = 0, load = 0, capacity = 0;
  for (const InstanceGroup& group : groups) {
    Instance instance = InstanceOf(group, config);
    processes += *instance.processes;
    healthy += *instance.healthy_processes;
    stale += *instance.stale_processes;
    load += *instance.load;
    capacity += *instance.capacity;
    for (const Process* process : group.processes) {
      unhealthy += process->status == Status::kUnhealthy ? 1 : 0;
      draining += process->status == Status::kDraining ? 1 : 0;
      out.other_scheduler |= process->InFleet() && process->heartbeat.other_scheduler;
    }
    out.instance_list.push_back(std::move(instance));
  }
  out.instances = static_cast<double>(groups.size());
  out.processes = processes;
  out.healthy_processes = healthy;
  out.unhealthy_processes = unhealthy;
  out.stale_processes = stale;
  out.draining_processes = draining;
  out.load = load;
  out.capacity = capacity;
  out.processes_per_instance = config.processes_per_instance;
  out.concurrency_per_process = config.concurrent_per_process;
  if (config.processes_per_instance && *config.processes_per_instance > 0) {
    if (!groups.empty()) out.expected_processes = *config.processes_per_instance * *out.instances;
    out.postgres_connections_per_instance = config.PgPerProcess() * *config.processes_per_instance;
  }
  out.redis_connections_per_process = config.redis_max_connections;
  ReadPools(groups, state.windows.pools[service], out);
  return out;
}

SseLoad SseOf(const TargetState& state) {
  SseLoad out;
  if (state.sse) {
    out.connections = state.sse->connections;
    out.limit = state.sse->limit;
    out.draining_limit = state.sse->draining_limit;
    out.sessions = state.sse->sessions;
    out.workers = state.sse->processes;
    out.kept_workers = state.sse->kept;
    out.hottest_worker_saturation = state.sse->hottest_saturation;
  }
  out.coverage = state.sse_coverage;
  out.window_connections = state.windows.sse;
  return out;
}

QueueCapacity QueueCapacityOf(const TargetState& state, MaybeNumber total) {
  const FleetCapacity capacity = redis::CapacityOf(state.processes, state.gateway->config);
  QueueCapacity out;
  out.reported = capacity.reported;
  if (total) {
    const double pressure = capacity.reported > 0 ? *total / capacity.reported : 1.0;
    out.reported_pressure = pressure;
    // Rounded to a tenth of a percent, as in the upstream.
    out.reported_utilization = capacity.reported > 0 ? RoundTo(pressure * 100, 1) / 100 : 0.0;
  }
  out.corrected = capacity.corrected;
  FillCorrected(total, out);
  return out;
}

QueueLoad QueueOf(const TargetState& state, const GatewayCapacity& gateway) {
  QueueLoad out;
  const MaybeNumber total = TotalOf(state.queues);
  out.total = total;
  out.capacity = QueueCapacityOf(state, total);
  FillAdmission(gateway, out);
  PerUserType<MaybeNumber> waiting;
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    out.depth[u] = SizeOf(state.queues, UserType{u});
    if (state.gateway->config.queue_analytics) {
      out.average_wait_seconds[u] = state.queues.analytics[u].avg_wait_seconds;
    }
    if (state.queues.ready[u] && state.queues.mailbox[u]) {
      waiting[u] = *state.queues.ready[u] + *state.queues.mailbox[u];
    }
    if (state.queues.ready[u] == 0.0) {
      out.oldest_waiting_seconds[u] = 0;
    } else if (const MaybeNumber created = state.queues.next_task_created[u]) {
      out.oldest_waiting_seconds[u] = std::max(0.0, state.now - *created);
    }
  }
  out.waiting = SumOf(waiting);
  out.in_flight = SumOf(state.queues.in_flight);
  out.jobs_waiting = state.jobs_waiting;
  out.jobs_claimed = state.jobs_claimed;
  out.window_depth = state.windows.depth;
  out.window_pressure = state.windows.pressure;
  out.wait = LatencyOf(state.wait_ms);
  out.exec = LatencyOf(state.exec_ms);
  return out;
}

Throttling ThrottlingOf(const TargetState& state) {
  Throttling out;
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    if (!state.throttling.windows[w]) continue;
    const ThrottleCounts& counts = *state.throttling.windows[w];
    out.windows[w] = {.throttled = counts.total,
                      .rate_limit_429 = counts.rate_limit_429,
                      .backpressure_503 = counts.backpressure_503};
  }
  out.hour = out.windows.back();
  if (state.requests[0]) {  // attempted = admitted + refused (D19)
    out.requests_hour = *state.requests[0] + out.hour.throttled.value_or(0);
  }
  static_assert(kThrottlePeriodHours.size() == kLongPeriodHours.size() + 1);  // 1: the hour
  for (std::size_t p = 0; p < kLongPeriodHours.size(); ++p) {
    const ThrottlePeriod& period = state.throttling.periods[p + 1];
    if (!period.complete) continue;
    const ThrottleCounts& counts = period.counts;
    out.periods[p].refused = {.throttled = counts.total,
                              .rate_limit_429 = counts.rate_limit_429,
                              .backpressure_503 = counts.backpressure_503};
    if (const MaybeNumber admitted = state.requests[p + 1]) {
      out.periods[p].requests = *admitted + counts.total;
    }
  }
  return out;
}

}  // namespace

Snapshot SnapshotOf(const TargetState& state) {
  const GatewayConfig& config = state.gateway->config;
  Snapshot out;
  out.taken_at = absl::UnixEpoch() + absl::Seconds(state.now);
  for (const Service service : kServices) out.fleet[service] = FleetOf(state, service);
  out.sse = SseOf(state);
  out.rest = LatencyOf(state.rest_ms);
  out.gateway_proc = config.proc.Capacity();
  out.queue = QueueOf(state, out.gateway_proc);
  FillFleetCapacity(out);
  out.throttling.ingress = out.throttling.proc = ThrottlingOf(state);
  out.capacity = TransparencyOf(state);
  out.db = DbConnectionsOf(state);
  for (std::size_t b = 0; b < kBreakerCount; ++b) {
    out.circuit_breakers.push_back({.name = std::string(kBreakerNames[b]),
                                    .state = state.breakers[b].state,
                                    .window_failures = state.breakers[b].window_failures,
                                    .failures = state.breakers[b].total_failures});
  }
  out.counts = state.counts;
  out.malformed = state.malformed;
  return out;
}

}  // namespace chatscale::redis
