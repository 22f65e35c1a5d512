#include "exporter/sources/redis/capacity.h"

#include <cmath>

namespace chatscale::redis {

double InstanceCapacity(const ServiceConfig& config, double processes) {
  const double slots = config.concurrent_per_process * processes;
  return std::trunc(slots * (1 - config.capacity_buffer)) +
         std::trunc(slots * config.queue_depth_multiplier);
}

CapacityThresholds ThresholdsOf(const ServiceConfig& config, double capacity) {
  return {.anonymous = std::trunc(capacity * config.anonymous_ratio),
          .registered = std::trunc(capacity * config.registered_ratio),
          .paid = std::trunc(capacity * config.paid_ratio),
          .hard_limit = std::trunc(capacity * config.hard_limit_ratio)};
}

}  // namespace chatscale::redis
