#include "exporter/sources/redis/state/pool_totals.h"

namespace chatscale::redis {
namespace {

void AddTo(const MaybeNumber& value, MaybeNumber& sum) {
  if (value) sum = sum.value_or(0) + *value;
}

}  // namespace

MaybeNumber PoolTotals::Utilization() const {
  const MaybeNumber all = limit ? limit : size;
  if (!in_use || !all || *all <= 0) return std::nullopt;
  return *in_use / *all;
}

std::array<PoolTotals, kPoolCount> PoolTotalsOf(const std::vector<InstanceGroup>& groups) {
  std::array<PoolTotals, kPoolCount> totals;
  for (const InstanceGroup& group : groups) {
    for (const Process* process : group.processes) {
      for (std::size_t p = 0; p < kPoolCount; ++p) {
        const auto& reading = process->heartbeat.pools[p];
        if (!reading) continue;
        AddTo(reading->limit, totals[p].limit);
        AddTo(reading->size, totals[p].size);
        AddTo(reading->available, totals[p].available);
        AddTo(reading->in_use, totals[p].in_use);
        ++totals[p].reporting;
      }
    }
  }
  return totals;
}

}  // namespace chatscale::redis
