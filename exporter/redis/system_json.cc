#include "exporter/redis/system_json.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "exporter/redis/json_sections.h"
#include "exporter/redis/processes.h"
#include "exporter/redis/redis_snapshot.h"

namespace chatscale::redis {

namespace {

Json SseJson(const DocumentInput& input) {
  if (!input.state.sse) return nullptr;
  const SseTotals& sse = *input.state.sse;
  return {{"total_connections", sse.connections},
          {"max_connections", sse.limit},
          {"sessions", sse.sessions},
          {"processes", sse.processes},
          {"source", "redis"}};
}

Json RedisInfoJson(const DocumentInput& input) {
  return {{"process_keys_found", input.state.heartbeat_keys},
          {"active_processes", input.state.processes.size()},
          {"chat_rest_processes", OrNull(input.snapshot.fleet.ingress.processes)},
          {"max_queue_size", OrNull(input.snapshot.queue.capacity.corrected)}};
}

}  // namespace

Json OrNull(const MaybeNumber& value) { return value ? Json(*value) : Json(nullptr); }

Json OrNull(const MaybeNumber& value, int decimals) {
  return value ? Json(RoundTo(*value, decimals)) : Json(nullptr);
}

Json PercentOf(double part, double whole, const Json& otherwise) {
  return whole > 0 ? Json(RoundTo(part / whole * 100, 1)) : otherwise;
}

Json WindowJson(const WindowMeans& means, int decimals) {
  Json out = Json::object();
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    out[kWindowNames[w]] = OrNull(means.mean[w], decimals);
  }
  out["max"] = OrNull(means.max, decimals);
  return out;
}

std::string SystemJson(const TargetState& state) {
  const Snapshot snapshot = SnapshotOf(state);
  const DocumentInput input{state, snapshot};
  Json document;
  document["components"] = ComponentsJson(input);
  document["autoscaler"] = AutoscalerJson(input);
  document["instances"] = InstancesJson(input);
  document["global_stats"] = GlobalStatsJson(document["instances"]);
  document["queue_stats"] = QueueStatsJson(input);
  document["enhanced_queue_stats"] = EnhancedQueueStatsJson(input);
  document["backpressure_policy"] = BackpressureJson(input);
  document["queue_analytics"] = QueueAnalyticsJson(input);
  const MaybeNumber utilization = snapshot.queue.capacity.corrected_utilization;
  document["queue_utilization"] =
      utilization ? Json(RoundTo(*utilization * 100, 1)) : Json(nullptr);
  document["capacity_info"] = CapacityInfoJson(input);
  AddThrottlingJson(input, document);
  document["circuit_breakers"] = BreakersJson(input);
  document["gateway_configuration"] = GatewayJson(input, Service::kProc);
  document["gateway_config_raw"] = JsonOf(state.gateway->text);
  document["gateway_config_components"] = {{"ingress", GatewayJson(input, Service::kIngress)},
                                           {"proc", GatewayJson(input, Service::kProc)}};
  document["capacity_transparency"] = TransparencyJson(input);
  document["db_connections"] = DbConnectionsJson(input);
  document["sse_connections"] = SseJson(input);
  document["connection_pools"] = {{"components",
                                   {{"ingress", PoolsAggregateJson(input, Service::kIngress)},
                                    {"proc", PoolsAggregateJson(input, Service::kProc)}}}};
  document["timestamp"] = state.now;
  document["redis_info"] = RedisInfoJson(input);
  document["chatscale"] = ExtensionsJson(input);
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

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

namespace {

struct ServiceTotals {
  double expected = 0, actual = 0, healthy = 0, load = 0, capacity = 0;
};

std::string HealthOf(double expected, double working, bool all_healthy) {
  if (working >= expected) return all_healthy ? "healthy" : "degraded";
  return working > 0 ? "degraded" : "unhealthy";
}

Json ServiceJson(const std::vector<const Process*>& processes, double expected,
                 std::string_view type_name) {
  std::array<int, 6> by_status{};
  Json pids = Json::array(), ports = Json::array(), loads = Json::array();
  Json heartbeats = Json::array(), statuses = Json::array();
  double load = 0, capacity = 0, working = 0;
  for (const Process* process : processes) {
    const Heartbeat& h = process->heartbeat;
    ++by_status[static_cast<std::size_t>(process->status)];
    pids.push_back(h.process_id ? Json(*h.process_id) : Json(nullptr));
    if (h.port.value_or(0) != 0) ports.push_back(*h.port);
    loads.push_back(h.load.value_or(0));
    heartbeats.push_back(h.last_heartbeat);
    statuses.push_back(StatusName(*process));
    load += h.load.value_or(0);
    capacity += h.capacity.value_or(0);
    working += process->Works() ? 1 : 0;
  }
  const auto actual = static_cast<double>(processes.size());
  const double missing = std::max(0.0, expected - actual);
  const auto count = [&](Status status) { return by_status[static_cast<std::size_t>(status)]; };
  return {{"processes", expected},
          {"actual_processes", actual},
          {"load", load},
          {"capacity", capacity},
          {"health", HealthOf(expected, working, count(Status::kHealthy) >= expected)},
          {"healthy_processes", working},
          {"missing_processes", missing},
          {"status_breakdown",
           {{"healthy", count(Status::kHealthy)},
            {"degraded", count(Status::kDegraded)},
            {"unhealthy", count(Status::kUnhealthy)},
            {"draining", count(Status::kDraining)},
            {"stale", count(Status::kStale)},
            {"missing", missing}}},
          {"pids", std::move(pids)},
          {"ports", std::move(ports)},
          {"loads", std::move(loads)},
          {"heartbeats", std::move(heartbeats)},
          {"health_statuses", std::move(statuses)},
          {"is_chat_rest", type_name == "chat_rest"}};
}

std::string TypeName(const Heartbeat& heartbeat) {
  return absl::StrCat(heartbeat.service_type, "_", heartbeat.service_name);
}

}  // namespace

Json InstancesJson(const DocumentInput& input) {
  using Services = std::vector<std::pair<std::string, std::vector<const Process*>>>;  // by type
  std::vector<std::pair<std::string, Services>> instances;
  absl::flat_hash_map<std::string_view, std::size_t> place;
  for (const Process& process : input.state.processes) {
    const std::string& id = process.heartbeat.instance_id;
    const auto [at, is_new] = place.try_emplace(id, instances.size());
    if (is_new) instances.emplace_back(id, Services());
    Services& services = instances[at->second].second;
    const std::string type_name = TypeName(process.heartbeat);
    auto service = std::ranges::find(services, type_name, &Services::value_type::first);
    if (service == services.end()) {
      service = services.insert(services.end(), {type_name, {}});
    }
    service->second.push_back(&process);
  }
  Json out = Json::object();
  for (const auto& [id, services] : instances) {
    Json by_type = Json::object();
    for (const auto& [type_name, processes] : services) {
      by_type[type_name] = ServiceJson(processes, double(processes.size()), type_name);
    }
    // Appended without a search for the key: each is unique.
    out.get_ref<Json::object_t&>().emplace_back(id, std::move(by_type));
  }
  if (out.empty()) {  // no process: the reader's own instance is reported as missing
    const double expected = input.state.gateway->config.proc.processes_per_instance.value_or(0);
    out[input.state.reader_instance]["chat_proc"] = ServiceJson({}, expected, "chat_proc");
  }
  return out;
}

Json GlobalStatsJson(const Json& instances_json) {
  ServiceTotals all, rest;
  double healthy_instances = 0, instances = 0;
  for (const auto& [id, services] : instances_json.items()) {
    bool healthy = true;
    for (const auto& [type_name, service] : services.items()) {
      healthy = healthy && service["health"] != "unhealthy";
      for (ServiceTotals* totals : {&all, &rest}) {
        if (totals == &rest && type_name != "chat_rest") continue;
        totals->expected += service["processes"].get<double>();
        totals->actual += service["actual_processes"].get<double>();
        totals->healthy += service["healthy_processes"].get<double>();
        totals->load += service["load"].get<double>();
        totals->capacity += service["capacity"].get<double>();
      }
    }
    ++instances;
    healthy_instances += healthy ? 1 : 0;
  }
  return {{"load", all.load},
          {"capacity", all.capacity},
          {"healthy", all.healthy},
          {"total", all.expected},
          {"actual", all.actual},
          {"healthy_instances", healthy_instances},
          {"total_instances", instances},
          {"utilization_percent", PercentOf(all.load, all.capacity, 0)},
          {"chat_rest",
           {{"expected", rest.expected},
            {"actual", rest.actual},
            {"healthy", rest.healthy},
            {"load", rest.load},
            {"capacity", rest.capacity},
            {"utilization_percent", PercentOf(rest.load, rest.capacity, 0)}}}};
}

// NOLINTNEXTLINE(readability-function-size): one text.
std::string_view GatewayDefaultsJson() {
  return R"json({
  "circuit_breakers": {
    "authentication": {
      "failure_threshold": 15,
      "recovery_timeout": 60,
      "success_threshold": 5,
      "window_size": 120,
      "half_open_max_calls": 10
    },
    "rate_limiter": {
      "failure_threshold": 20,
      "recovery_timeout": 30,
      "success_threshold": 3,
      "window_size": 120,
      "half_open_max_calls": 5
    },
    "backpressure": {
      "failure_threshold": 10,
      "recovery_timeout": 60,
      "success_threshold": 5,
      "window_size": 120,
      "half_open_max_calls": 3
    }
  },
  "monitoring": {
    "throttling_events_retention_hours": 24,
    "session_analytics_enabled": true,
    "circuit_breaker_stats_retention_hours": 24,
    "queue_analytics_enabled": true,
    "heartbeat_timeout_seconds": 45,
    "instance_cache_ttl_seconds": 10
  },
  "redis": {
    "rate_limit_key_ttl": 3600,
    "session_ttl": 86400,
    "analytics_ttl": 86400,
    "circuit_breaker_stats_ttl": 3600,
    "heartbeat_ttl": 30,
    "sse_stats_ttl_seconds": 60,
    "sse_stats_max_age_seconds": 120
  },
  "data_bus": {
    "publish_limits": {
      "anonymous": {
        "enabled": true,
        "packages_per_minute": 60,
        "messages_per_minute": 600,
        "bytes_per_minute": 2097152,
        "max_messages_per_package": 50,
        "max_package_bytes": 262144,
        "window_seconds": 60
      },
      "registered": {
        "enabled": true,
        "packages_per_minute": 600,
        "messages_per_minute": 6000,
        "bytes_per_minute": 16777216,
        "max_messages_per_package": 200,
        "max_package_bytes": 1048576,
        "window_seconds": 60
      },
      "paid": {
        "enabled": true,
        "packages_per_minute": 1200,
        "messages_per_minute": 12000,
        "bytes_per_minute": 33554432,
        "max_messages_per_package": 500,
        "max_package_bytes": 2097152,
        "window_seconds": 60
      },
      "privileged": {
        "enabled": true,
        "packages_per_minute": -1,
        "messages_per_minute": -1,
        "bytes_per_minute": -1,
        "max_messages_per_package": 1000,
        "max_package_bytes": 4194304,
        "window_seconds": 60
      }
    }
  },
  "guarded_rest_patterns": [
    "^/resources/link-preview$",
    "^/resources/by-rn$",
    "^/conversations/[^/]+/[^/]+/[^/]+/fetch$",
    "^/conversations/[^/]+/[^/]+/turns-with-feedbacks$",
    "^/conversations/[^/]+/[^/]+/feedback/conversations-in-period$",
    "^/integrations/bundles/[^/]+/[^/]+/operations/[^/]+$",
    "^/integrations/bundles/[^/]+/[^/]+/[^/]+/operations/[^/]+$"
  ],
  "bypass_throttling_patterns": []
})json";
}

namespace {

// `base` overridden by `given`, recursively for objects.
Json Merged(Json base, const Json& given) {
  if (!given.is_object() || !base.is_object()) return given.is_null() ? base : given;
  for (const auto& [name, value] : given.items()) {
    base[name] = base.contains(name) ? Merged(base[name], value) : value;
  }
  return base;
}

Json ServiceCapacityJson(const Json& given, const ServiceConfig& c) {
  const double processes = c.processes_per_instance.value_or(1);
  Json out = {{"concurrent_requests_per_process", c.concurrent_per_process},
              {"avg_processing_time_seconds", c.avg_processing_seconds},
              {"processes_per_instance", OrNull(c.processes_per_instance)},
              {"concurrent_requests_per_instance", c.concurrent_per_process * processes},
              {"requests_per_hour", nullptr}};
  for (const char* name : {"concurrent_requests_per_instance", "requests_per_hour"}) {
    if (given.is_object() && given.contains(name)) out[name] = given[name];
  }
  return out;
}

Json BackpressureSettingsJson(const ServiceConfig& c) {
  return {{"capacity_buffer", c.capacity_buffer},
          {"queue_depth_multiplier", c.queue_depth_multiplier},
          {"anonymous_pressure_threshold", c.anonymous_ratio},
          {"registered_pressure_threshold", c.registered_ratio},
          {"paid_pressure_threshold", c.paid_ratio},
          {"hard_limit_threshold", c.hard_limit_ratio},
          {"capacity_source_component", c.capacity_source}};
}

Json ComputedJson(const ServiceConfig& c) {
  const double processes = c.processes_per_instance.value_or(1);
  const double slots = c.concurrent_per_process * processes;
  const QueueRoom room = c.Room(processes);
  return {
      {"base_queue_size_per_instance", room.Total()},
      {"theoretical_throughput_per_instance", std::trunc(slots * 3600 / c.avg_processing_seconds)},
      {"effective_concurrent_capacity", room.running},
      {"queue_capacity_per_instance", room.waiting}};
}

}  // namespace

Json GatewayJson(const DocumentInput& input, Service service) {
  const GatewayConfig& gateway = input.state.gateway->config;
  const ServiceConfig& c = gateway[service];
  const Json raw = JsonOf(input.state.gateway->text);
  const Json defaults = JsonOf(GatewayDefaultsJson());
  const auto section = [&](const char* name) { return EffectiveSection(raw, name, service); };
  const auto list = [&](const char* name) {
    Json given = raw.is_object() && raw.contains(name) ? raw[name] : Json();
    if (given.is_array()) return given;
    const char* own = NameOf(service);
    if (given.is_object() && given.contains(own) && given[own].is_array()) return given[own];
    return defaults[name];
  };
  Json rate_limits = section("rate_limits");
  Json out = {
      {"profile", gateway.profile},
      {"display_name", absl::StrCat("Gateway-", gateway.profile, "-", input.state.reader_instance)},
      {"instance_id", input.state.reader_instance},
      {"tenant_id", input.state.target.tenant}};
  out["rate_limits"]["roles"] = rate_limits.is_object() ? std::move(rate_limits) : Json::object();
  out["service_capacity"] = ServiceCapacityJson(section("service_capacity"), c);
  out["backpressure"] = BackpressureSettingsJson(c);
  for (const char* name : {"circuit_breakers", "monitoring", "redis"}) {
    out[name] = Merged(defaults[name], raw.is_object() && raw.contains(name) ? raw[name] : Json());
  }
  out["pools"] = {{"pg_pool_min_size", OrNull(c.pg_pool_min_size)},
                  {"pg_pool_max_size", OrNull(c.pg_pool_max_size)},
                  {"redis_max_connections", OrNull(c.redis_max_connections)},
                  {"pg_max_connections", OrNull(c.pg_max_connections)}};
  out["limits"] = {{"max_sse_connections_per_instance", OrNull(c.max_sse_connections)},
                   {"max_integrations_ops_concurrency", OrNull(c.max_integrations_concurrency)},
                   {"max_queue_size", OrNull(c.max_queue_size)}};
  out["data_bus"] = Merged(defaults["data_bus"], section("data_bus"));
  out["guarded_rest_patterns"] = list("guarded_rest_patterns");
  out["bypass_throttling_patterns"] = list("bypass_throttling_patterns");
  out["computed_metrics"] = ComputedJson(c);
  return out;
}

}  // namespace chatscale::redis
