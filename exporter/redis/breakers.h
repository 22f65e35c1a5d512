// Circuit breakers of the gateway: state and counters, as recorded in Redis. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/model/snapshot.h"
#include "exporter/redis/gateway_config.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

class TolerantParser;

struct Breaker {
  std::string state = "closed";  // from its own key, which the breaker obeys; else `stats` (D17)
  double failure_count = 0, success_count = 0, total_requests = 0, total_failures = 0;
  double consecutive_failures = 0, consecutive_successes = 0;
  MaybeNumber last_failure_time, last_success_time, opened_at;  // Unix seconds
  MaybeNumber last_state_change;  // nullopt: not recorded; the upstream reports "now" (D17)
  MaybeNumber window_failures;    // within the configured window (D17)
  double half_open_calls = 0;
};

using Breakers = std::array<Breaker, kBreakerCount>;

void AddBreakerCommands(const KeySpace& keys, const GatewayConfig& config, double now,
                        Pipeline& pipeline);
Breakers ParseBreakerReplies(TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults);

}  // namespace chatscale::redis
