// components.{ingress,proc} and their pools (contract 4.5, 4.6).
#include "exporter/sources/document/redis/json_sections.h"
#include "exporter/sources/redis/state/pool_totals.h"

namespace chatscale::redis {
namespace {

Json PoolJson(const PoolTotals& totals, const char* size_name) {
  const MaybeNumber utilization = totals.Utilization();
  Json out = {{"max_total", OrNull(totals.limit)},
              {"in_use_total", OrNull(totals.in_use)},
              {"available_total", OrNull(totals.available)},
              {size_name, OrNull(totals.size)}};
  out["utilization_percent"] =
      OrNull(utilization ? MaybeNumber(*utilization * 100) : utilization, 1);
  out["reported_processes"] = totals.reporting;
  return out;
}

Json InstanceListJson(const std::vector<InstanceGroup>& groups, const ServiceFleet& fleet) {
  Json list = Json::array();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Instance& instance = fleet.instance_list[i];
    Json statuses = Json::array();
    for (const Process* process : groups[i].processes) statuses.push_back(StatusName(*process));
    list.push_back({{"instance_id", instance.id},
                    {"processes", OrNull(instance.processes)},
                    {"healthy_processes", OrNull(instance.healthy_processes)},
                    {"capacity", OrNull(instance.capacity)},
                    {"load", OrNull(instance.load)},
                    {"utilization_percent", PercentOf(*instance.load, *instance.capacity, 0.0)},
                    {"statuses", std::move(statuses)},
                    {"max_age_seconds", OrNull(instance.max_heartbeat_age_seconds)},
                    {"draining", *instance.draining}});
  }
  return list;
}

Json ConfiguredPoolsJson(const ServiceConfig& config, const ServiceFleet& fleet) {
  const MaybeNumber per_instance = fleet.postgres_connections_per_instance;
  MaybeNumber total;
  if (per_instance && *fleet.instances > 0) total = *per_instance * *fleet.instances;
  return {{"pg_pool_max_size", config.PgPerProcess()},
          {"redis_max_connections", OrNull(config.redis_max_connections)},
          {"estimated_pg_per_instance", OrNull(per_instance)},
          {"estimated_pg_total", OrNull(total)}};
}

Json LatencyJson(const WindowPercentiles& windows) {
  Json out = Json::object();
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    Json& window = out[kWindowNames[w]];
    window = {
        {"count", nullptr}, {"p50", nullptr}, {"p95", nullptr}, {"p99", nullptr}, {"max", nullptr}};
    if (!windows[w]) continue;
    const PercentileValues& values = *windows[w];
    window["count"] = values.count;
    if (values.count == 0) continue;
    window["p50"] = values.p50;
    window["p95"] = values.p95;
    window["p99"] = values.p99;
    window["max"] = values.max;
  }
  return out;
}

Json IngressSseJson(const DocumentInput& input) {
  const SseTotals& sse = *input.state.sse;
  return {{"total_connections", sse.connections},
          {"max_connections", sse.limit},
          {"sessions", sse.sessions},
          {"utilization_percent", PercentOf(sse.connections, sse.limit, nullptr)},
          {"windows", WindowJson(input.state.windows.sse, 2)}};
}

Json QueueJson(const DocumentInput& input) {
  const QueueLoad& queue = input.snapshot.queue;
  return {{"total", OrNull(queue.total)},
          {"pressure_ratio", OrNull(queue.capacity.corrected_pressure)},
          {"thresholds", ThresholdsJson(input)},
          {"accepting", AcceptingJson(input)},
          {"windows",
           {{"pressure_ratio", WindowJson(queue.window_pressure, 2)},
            {"depth", WindowJson(queue.window_depth, 2)}}}};
}

Json ComponentJson(const DocumentInput& input, Service service) {
  const ServiceFleet& fleet = input.snapshot.fleet[service];
  const ServiceConfig& config = input.state.gateway->config[service];
  const auto groups = GroupByInstance(input.state.processes, service);
  MaybeNumber missing;
  if (fleet.expected_processes) missing = *fleet.expected_processes - *fleet.processes;
  return {{"service_type", std::string(kServiceType)},
          {"service_name", std::string(ServiceName(service))},
          {"instance_count", OrNull(fleet.instances)},
          {"expected_processes", OrNull(fleet.expected_processes)},
          {"actual_processes", OrNull(fleet.processes)},
          {"healthy_processes", OrNull(fleet.healthy_processes)},
          {"missing_processes", OrNull(missing)},
          {"load", OrNull(fleet.load)},
          {"capacity", OrNull(fleet.capacity)},
          {"utilization_percent", PercentOf(*fleet.load, *fleet.capacity, 0.0)},
          {"configured",
           {{"processes_per_instance", OrNull(config.processes_per_instance)},
            {"concurrent_requests_per_process", config.concurrent_per_process}}},
          {"pools", ConfiguredPoolsJson(config, fleet)},
          {"pools_aggregate", PoolsAggregateJson(input, service)},
          {"instances", InstanceListJson(groups, fleet)}};
}

}  // namespace

Json PoolsAggregateJson(const DocumentInput& input, Service service) {
  const auto totals = PoolTotalsOf(GroupByInstance(input.state.processes, service));
  const auto& windows = input.state.windows.pools[service];
  const auto of = [&](Pool pool) { return totals[static_cast<std::size_t>(pool)]; };
  Json out = {{"postgres", PoolJson(of(Pool::kPostgres), "size_total")},
              {"redis",
               {{"async", PoolJson(of(Pool::kRedisAsync), "total_total")},
                {"async_decode", PoolJson(of(Pool::kRedisAsyncDecode), "total_total")},
                {"sync", PoolJson(of(Pool::kRedisSync), "total_total")}}},
              {"utilization_windows", Json::object()},
              {"in_use_windows", Json::object()}};
  for (std::size_t p = 0; p < kPoolCount; ++p) {
    if (totals[p].Utilization()) {
      out["utilization_windows"][kPoolNames[p]] = WindowJson(windows[p].utilization_percent, 1);
    }
    if (totals[p].in_use) out["in_use_windows"][kPoolNames[p]] = WindowJson(windows[p].in_use, 2);
  }
  return out;
}

Json ComponentsJson(const DocumentInput& input) {
  Json ingress = ComponentJson(input, Service::kIngress);
  if (input.state.sse) ingress["sse"] = IngressSseJson(input);
  ingress["latency"] = {{"rest_ms", LatencyJson(input.state.rest_ms)}};
  Json proc = ComponentJson(input, Service::kProc);
  proc["queue"] = QueueJson(input);
  proc["latency"] = {{"queue_wait_ms", LatencyJson(input.state.wait_ms)},
                     {"exec_ms", LatencyJson(input.state.exec_ms)}};
  return {{"ingress", std::move(ingress)}, {"proc", std::move(proc)}};
}

}  // namespace chatscale::redis
