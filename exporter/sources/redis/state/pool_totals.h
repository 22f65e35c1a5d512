// Connection pools of one component, summed over its processes (contract 4.5). Pure.
#pragma once

#include <array>

#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/state/fleet.h"

namespace chatscale::redis {

struct PoolTotals {  // connections; nullopt when no process reports one
  MaybeNumber limit, size, available, in_use;
  int reporting = 0;  // processes

  MaybeNumber Utilization() const;  // ratio of in_use to limit, or to size when no limit is told
};

std::array<PoolTotals, kPoolCount> PoolTotalsOf(const std::vector<InstanceGroup>& groups);

}  // namespace chatscale::redis
