// The gateway configuration: which values apply to which service. Pure.
//
// A section may be flat or sliced by component. Siblings of the component keys apply to both
// services, and a slice overrides them (the upstream drops them, D13). A cached object replaces
// every section, `pools` and `limits` included (D12), but not the target: its tenant, project and
// instance are ignored. A value of a wrong type or out of range keeps its default and is counted.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "exporter/model/capacity.h"
#include "exporter/model/snapshot.h"

namespace chatscale::redis {

struct ServiceConfig {
  double concurrent_per_process = kGatewayDefaults.concurrent_per_process;
  MaybeNumber processes_per_instance = kGatewayDefaults.processes_per_instance;  // nullopt: null
  double avg_processing_seconds = 25;                                            // > 0
  double capacity_buffer = kGatewayDefaults.capacity_buffer;                     // ratio held back
  double queue_depth_multiplier = kGatewayDefaults.queue_depth_multiplier;
  double anonymous_ratio = kGatewayDefaults.anonymous_ratio;
  double registered_ratio = kGatewayDefaults.registered_ratio;
  double paid_ratio = kGatewayDefaults.paid_ratio;
  double hard_limit_ratio = kGatewayDefaults.hard_limit_ratio;
  std::string capacity_source = "proc";  // as configured; parsed into:
  std::string capacity_source_type = "chat";
  std::string capacity_source_name = "proc";
  MaybeNumber pg_pool_min_size, pg_pool_max_size, redis_max_connections, pg_max_connections;
  MaybeNumber max_sse_connections, max_queue_size, max_integrations_concurrency;

  // Connections to PostgreSQL that one worker process may open.
  double PgPerProcess() const { return pg_pool_max_size.value_or(concurrent_per_process); }

  // Capacity of the queue with `processes` working processes of one instance.
  QueueRoom Room(double processes) const {
    return RoomOf(concurrent_per_process * processes, capacity_buffer, queue_depth_multiplier);
  }

  // The values that capacity and admission are computed from.
  GatewayCapacity Capacity() const;
};

inline constexpr std::size_t kBreakerCount = 3;
inline constexpr std::array<std::string_view, kBreakerCount> kBreakerNames = {
    "authentication", "rate_limiter", "backpressure"};

struct GatewayConfig : PerService<ServiceConfig> {
  std::string profile = "development";
  double heartbeat_timeout_seconds = 45;
  bool queue_analytics = true;
  double sse_max_age_seconds = 120;
  std::array<double, kBreakerCount> breaker_window_seconds = {120, 120, 120};
  std::string source = "default";  // "cache", "environment", "yaml" or "default"
  // Values of a wrong type or out of range. `malformed_capacity`: those that the queue's capacity
  // is computed from; `malformed`: all others.
  int malformed = 0;
  int malformed_capacity = 0;
};

// `root` is the configuration object; anything but an object gives the defaults of a system without
// configuration (development profile).
GatewayConfig ParseGatewayConfig(const nlohmann::ordered_json& root, std::string_view source);

// The effective values of one section for one service: siblings, overridden by the slice.
nlohmann::ordered_json EffectiveSection(const nlohmann::ordered_json& root,
                                        std::string_view section, Service service);

// Parses JSON, with NaN and Infinity tolerated; a discarded value when `text` is not JSON.
// Requires: its depth and number of keys were bounded before.
nlohmann::ordered_json JsonOf(std::string_view text);

// Parses a configuration likewise. kInvalidArgument: not an object, or beyond the bounds.
absl::StatusOr<nlohmann::ordered_json> ParseConfigJson(std::string_view text);

}  // namespace chatscale::redis
