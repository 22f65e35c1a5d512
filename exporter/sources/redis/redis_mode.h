// Redis mode as configured: RedisSource, with PostgreSQL's limit beside it when asked for.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exporter/config/config.h"
#include "exporter/model/reading.h"

namespace chatscale {

// kInvalidArgument, in one line without secrets: REDIS_URL, GATEWAY_CONFIG_JSON or the YAML file
// cannot work. `on_postgres_change` is told when PostgreSQL begins to fail and when it is back,
// from another thread.
absl::StatusOr<std::unique_ptr<SnapshotSource>> MakeRedisSource(
    const Config& config, std::function<void(const absl::Status&)> on_postgres_change = nullptr);

}  // namespace chatscale
