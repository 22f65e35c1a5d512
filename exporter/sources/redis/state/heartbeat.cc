#include "exporter/sources/redis/state/heartbeat.h"

#include <algorithm>
#include <cctype>

#include "exporter/model/snapshot.h"
#include "exporter/sources/json/json_values.h"

namespace chatscale::redis {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

MaybeNumber CountIn(const element& value, int& malformed, double most = kMostCount) {
  const auto number = NumberIn(value);
  if (number.has_value() && *number >= 0 && *number <= most) return number;
  ++malformed;
  return std::nullopt;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void ReadHealth(const element& value, Heartbeat& heartbeat) {
  if (const auto text = TextIn(value)) {
    const std::string lower = Lower(*text);
    if (lower.find("unhealthy") != std::string::npos) {  // contains "healthy", so first (D1)
      heartbeat.health = Health::kUnhealthy;
    } else if (lower.find("healthy") != std::string::npos) {
      heartbeat.health = Health::kHealthy;
    } else if (lower.find("degraded") != std::string::npos) {
      heartbeat.health = Health::kDegraded;
    }
    return;
  }
  heartbeat.health = Health::kOther;
  heartbeat.other_health =
      value.is_null() ? "none" : Lower(simdjson::minify(value)).substr(0, kMostIdBytes);
  if (!value.is_null()) ++heartbeat.malformed;
}

// `limit_name` and `size_name` differ between postgres and redis; the other names are the same.
std::optional<PoolReading> ReadPool(const element& value, std::string_view limit_name,
                                    std::string_view size_name, int& malformed) {
  if (value.is_null()) return std::nullopt;
  object fields;
  if (value.get(fields) != simdjson::SUCCESS) {
    ++malformed;
    return std::nullopt;
  }
  PoolReading pool;
  for (const auto [name, field] : fields) {
    if (field.is_null()) continue;
    if (name == limit_name) pool.limit = CountIn(field, malformed);
    if (name == size_name) pool.size = CountIn(field, malformed);
    if (name == "available") pool.available = CountIn(field, malformed);
    if (name == "in_use") pool.in_use = CountIn(field, malformed);
  }
  return pool;
}

void ReadRedisPools(const element& value, Heartbeat& heartbeat) {
  object pools;
  if (value.is_null()) return;
  if (value.get(pools) != simdjson::SUCCESS) {
    ++heartbeat.malformed_pools;
    return;
  }
  constexpr std::array<std::pair<std::string_view, Pool>, 3> kNames = {
      {{"async", Pool::kRedisAsync},
       {"async_decode", Pool::kRedisAsyncDecode},
       {"sync", Pool::kRedisSync}}};
  for (const auto [name, field] : pools) {
    for (const auto& [known, pool] : kNames) {
      if (name != known) continue;
      heartbeat.pools[static_cast<std::size_t>(pool)] =
          ReadPool(field, "max_connections", "total", heartbeat.malformed_pools);
    }
  }
}

void ReadPools(const element& value, Heartbeat& heartbeat) {
  object pools;
  if (value.is_null()) return;
  if (value.get(pools) != simdjson::SUCCESS) {
    ++heartbeat.malformed_pools;
    return;
  }
  for (const auto [name, field] : pools) {
    if (name == "postgres") {
      heartbeat.pools[static_cast<std::size_t>(Pool::kPostgres)] =
          ReadPool(field, "max_size", "size", heartbeat.malformed_pools);
    }
    if (name == "redis") ReadRedisPools(field, heartbeat);
  }
}

void ReadProcessor(const element& value, Heartbeat& heartbeat) {
  object fields;
  if (value.get(fields) != simdjson::SUCCESS) return;
  for (const auto [name, field] : fields) {
    if (name == "scheduler_backend") {
      const auto backend = TextIn(field);
      heartbeat.other_scheduler = backend && *backend != "legacy_lists";
    }
    bool flag = false;
    if (field.get(flag) != simdjson::SUCCESS) continue;
    if (flag && (name == "draining" || name == "host_draining")) heartbeat.draining = true;
    if (!flag && name == "accepting_new_tasks") heartbeat.draining = true;
  }
}

void ReadMetadata(const element& value, Heartbeat& heartbeat) {
  object fields;
  if (value.is_null()) return;
  if (value.get(fields) != simdjson::SUCCESS) {
    ++heartbeat.malformed;
    return;
  }
  for (const auto [name, field] : fields) {
    if (name == "pools") ReadPools(field, heartbeat);
    if (name == "processor") ReadProcessor(field, heartbeat);
  }
}

}  // namespace

std::optional<Heartbeat> ParseHeartbeat(TolerantParser& parser, std::string_view json) {
  if (json.size() > kMostHeartbeatBytes) return std::nullopt;
  const auto root = parser.Parse(json);
  object fields;
  if (!root.has_value() || root->get(fields) != simdjson::SUCCESS) return std::nullopt;
  Heartbeat heartbeat;
  bool has_time = false;
  for (const auto [name, field] : fields) {  // of duplicate names the last one wins
    if (name == "instance_id") heartbeat.instance_id = TextIn(field).value_or("");
    if (name == "service_type") heartbeat.service_type = TextIn(field).value_or("");
    if (name == "service_name") heartbeat.service_name = TextIn(field).value_or("");
    if (name == "process_id") heartbeat.process_id = SmallIntIn(field);
    if (name == "port") heartbeat.port = SmallIntIn(field);
    if (name == "current_load") heartbeat.load = CountIn(field, heartbeat.malformed, kMostSlots);
    if (name == "max_capacity")
      heartbeat.capacity = CountIn(field, heartbeat.malformed, kMostSlots);
    if (name == "health_status") ReadHealth(field, heartbeat);
    if (name == "metadata") ReadMetadata(field, heartbeat);
    if (name == "last_heartbeat") {
      const auto time = NumberIn(field);
      if (!time.has_value() || *time < 0 || *time > kMostUnixSeconds) return std::nullopt;
      heartbeat.last_heartbeat = *time;
      has_time = true;
    }
  }
  for (const std::string* id :
       {&heartbeat.instance_id, &heartbeat.service_type, &heartbeat.service_name}) {
    if (id->empty() || id->size() > kMostIdBytes) return std::nullopt;
  }
  if (!has_time) ++heartbeat.malformed;
  if (BeyondSlots(heartbeat.load, heartbeat.capacity)) {
    heartbeat.load.reset();
    ++heartbeat.malformed;
  }
  return heartbeat;
}

}  // namespace chatscale::redis
