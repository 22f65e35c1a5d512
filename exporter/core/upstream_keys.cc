#include "exporter/core/upstream_keys.h"

#include <algorithm>
#include <vector>

namespace chatscale {

MaybeNumber UpstreamKey::Read(const Snapshot& snapshot, double scale) const {
  const bool own = scalar_->read != nullptr;
  const MaybeNumber value = own ? scalar_->read(snapshot) : row_->value(snapshot);
  return value ? MaybeNumber(*value * (own ? scale : scalar_->factor * scale)) : std::nullopt;
}

std::vector<UpstreamKey> MappableKeys() {
  std::vector<UpstreamKey> keys;
  for (const MetricRow& row : Catalogue()) {
    for (const UpstreamScalar& scalar : row.upstream) keys.emplace_back(row, scalar);
  }
  // Two rows share the backpressure that the upstream does not split.
  const auto before = [](const UpstreamKey& a, const UpstreamKey& b) { return a.key() < b.key(); };
  const auto same = [](const UpstreamKey& a, const UpstreamKey& b) { return a.key() == b.key(); };
  std::stable_sort(keys.begin(), keys.end(), before);
  keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
  return keys;
}

std::span<const UpstreamKey> UpstreamKeys() {
  static const std::vector<UpstreamKey> exported = [] {
    std::vector<UpstreamKey> keys = MappableKeys();
    std::erase_if(keys, [](const UpstreamKey& key) { return key.cloudwatch_unit().empty(); });
    return keys;
  }();
  return exported;
}

}  // namespace chatscale
