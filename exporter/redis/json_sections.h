// Sections of the `/monitoring/system` document, one function each. Pure; internal to SystemJson.
#pragma once

#include <nlohmann/json.hpp>

#include "exporter/model/snapshot.h"
#include "exporter/redis/target_state.h"

namespace chatscale::redis {

using Json = nlohmann::ordered_json;

// The inputs of every section, both of the same instant.
struct DocumentInput {
  const TargetState& state;
  const Snapshot& snapshot;  // SnapshotOf(state)
};

Json OrNull(const MaybeNumber& value);
// Rounded to `decimals`.
Json OrNull(const MaybeNumber& value, int decimals);
// part / whole in percent, rounded to 0.1; `otherwise` without a whole.
Json PercentOf(double part, double whole, const Json& otherwise);
Json WindowJson(const WindowMeans& means, int decimals);

Json ComponentsJson(const DocumentInput& input);
Json PoolsAggregateJson(const DocumentInput& input, Service service);
Json AutoscalerJson(const DocumentInput& input);
Json InstancesJson(const DocumentInput& input);
Json GlobalStatsJson(const Json& instances);  // of InstancesJson
Json QueueStatsJson(const DocumentInput& input);
Json EnhancedQueueStatsJson(const DocumentInput& input);
Json CapacityInfoJson(const DocumentInput& input);
Json ThresholdsJson(const DocumentInput& input);
Json AcceptingJson(const DocumentInput& input);
Json BackpressureJson(const DocumentInput& input);
Json QueueAnalyticsJson(const DocumentInput& input);
void AddThrottlingJson(const DocumentInput& input, Json& document);
Json BreakersJson(const DocumentInput& input);
Json GatewayJson(const DocumentInput& input, Service service);
Json TransparencyJson(const DocumentInput& input);
Json DbConnectionsJson(const DocumentInput& input);
Json ExtensionsJson(const DocumentInput& input);

}  // namespace chatscale::redis
