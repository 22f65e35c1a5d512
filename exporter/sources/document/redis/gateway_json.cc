// gateway_configuration: the values in force for one component (contract section 3).
#include <cmath>

#include "absl/strings/str_cat.h"
#include "exporter/sources/document/redis/gateway_defaults.h"
#include "exporter/sources/document/redis/json_sections.h"

namespace chatscale::redis {
namespace {

// `given` over `base`, object by object.
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
