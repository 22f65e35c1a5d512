// How many tasks the queue may hold before users are refused (contract 4.2). Pure.
//
// Arithmetic is in doubles in the order written there, because truncation depends on it.
#pragma once

#include "exporter/sources/redis/gateway_config.h"

namespace chatscale::redis {

// c·h slots held back by the buffer, plus c·h·m waiting places, of `h` processes of one instance.
double InstanceCapacity(const ServiceConfig& config, double processes);

struct CapacityThresholds {  // tasks from which a class of user is refused
  double anonymous = 0, registered = 0, paid = 0, hard_limit = 0;
};
CapacityThresholds ThresholdsOf(const ServiceConfig& config, double capacity);

}  // namespace chatscale::redis
