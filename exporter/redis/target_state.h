// State of one target at one instant, decoded from Redis. A value: the Snapshot and the
// `/monitoring/system` document are both computed from it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/model/target.h"
#include "exporter/redis/breakers.h"
#include "exporter/redis/gateway_config.h"
#include "exporter/redis/latencies.h"
#include "exporter/redis/processes.h"
#include "exporter/redis/queues.h"
#include "exporter/redis/streams.h"
#include "exporter/redis/throttling.h"

namespace chatscale::redis {

// The configuration in force, with the text it was read from.
struct ParsedGateway {
  GatewayConfig config;
  std::string text = "{}";  // JSON
};

struct PoolWindows {
  WindowMeans in_use;
  WindowMeans utilization_percent;
};

// Time-weighted means of the quantities that have been seen.
struct StateWindows {
  WindowMeans sse, depth, pressure;
  PerService<std::array<PoolWindows, kPoolCount>> pools;
};

struct TargetState {
  Target target;
  std::string reader_instance;  // our own INSTANCE_ID
  double now = 0;               // Unix seconds
  std::shared_ptr<const ParsedGateway> gateway;
  int heartbeat_keys = 0;
  std::vector<Process> processes;  // in byte order of their keys
  std::optional<SseTotals> sse;
  MaybeNumber sse_coverage;  // share of the live ingress processes that `sse` covers
  Queues queues;
  MaybeNumber jobs_waiting, jobs_claimed;  // background jobs; nullopt: unknown
  int oversized_tasks = 0;                 // next tasks too large to read (D20)
  Breakers breakers;
  WindowPercentiles wait_ms, exec_ms, rest_ms;
  StateWindows windows;
  ThrottleSummary throttling;
  EventCounts counts;
  // Admitted requests of the last 1, 3, 6, 12, 24 hours; nullopt when unreadable.
  std::array<MaybeNumber, kThrottlePeriodHours.size()> requests;
  std::optional<std::int64_t> postgres_max_connections;  // as the database reports it
  MalformedFields malformed;
};

}  // namespace chatscale::redis
