#include "exporter/sources/document/redis/gateway_defaults.h"

namespace chatscale::redis {

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

}  // namespace chatscale::redis
