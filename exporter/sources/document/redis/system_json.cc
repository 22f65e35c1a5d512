#include "exporter/sources/document/redis/system_json.h"

#include "exporter/sources/document/redis/json_sections.h"
#include "exporter/sources/redis/snapshot/redis_snapshot.h"
#include "exporter/sources/redis/snapshot/rounding.h"

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

}  // namespace chatscale::redis
