// One heartbeat of a worker process (contract 2.1), decoded. Pure.
//
// A field of a wrong type or an impossible value (negative, above 1e9) is absent and counted in
// `malformed` or `malformed_pools`. Without its three ids, or with a time that is no number, there
// is no heartbeat.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/state/keys.h"

namespace chatscale::redis {

class TolerantParser;

// What the writer says of itself. kOther keeps the writer's words in Heartbeat::other_health.
enum class Health { kHealthy, kDegraded, kUnhealthy, kUnknown, kOther };

struct PoolReading {  // connections
  MaybeNumber limit, size, available, in_use;
};

struct Heartbeat {
  std::string instance_id;
  std::string service_type;
  std::string service_name;
  std::optional<int> process_id;
  std::optional<int> port;
  MaybeNumber load;           // tasks executing now; ingress always says 0 (D22)
  MaybeNumber capacity;       // task slots
  double last_heartbeat = 0;  // Unix seconds by the writer's clock; 0 when missing
  Health health = Health::kUnknown;
  std::string other_health;  // lower-cased printed form of a health that is not text
  std::array<std::optional<PoolReading>, kPoolCount> pools;
  bool draining = false;         // metadata.processor: takes no new tasks
  bool other_scheduler = false;  // it takes its tasks from somewhere else than the lists we read
  int malformed = 0;
  int malformed_pools = 0;  // apart from those: fields of `pools`

  bool Is(Service service) const {
    return service_type == kServiceType && service_name == ServiceName(service);
  }
};

std::optional<Heartbeat> ParseHeartbeat(TolerantParser& parser, std::string_view json);

}  // namespace chatscale::redis
