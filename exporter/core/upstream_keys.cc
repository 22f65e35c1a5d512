#include "exporter/core/upstream_keys.h"

#include <algorithm>
#include <vector>

namespace chatscale {
namespace {

std::vector<UpstreamKey> KeysOf(std::span<const MetricRow> catalogue) {
  std::vector<UpstreamKey> keys;
  for (const MetricRow& row : catalogue) {
    for (const UpstreamScalar& scalar : row.upstream) {
      if (!scalar.cloudwatch_unit.empty()) keys.emplace_back(row, scalar);
    }
  }
  // Two rows share the backpressure that the upstream does not split.
  const auto before = [](const UpstreamKey& a, const UpstreamKey& b) { return a.key() < b.key(); };
  const auto same = [](const UpstreamKey& a, const UpstreamKey& b) { return a.key() == b.key(); };
  std::stable_sort(keys.begin(), keys.end(), before);
  keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
  return keys;
}

}  // namespace

MaybeNumber UpstreamKey::Read(const Snapshot& snapshot) const {
  if (scalar_->read != nullptr) return scalar_->read(snapshot);
  const MaybeNumber value = row_->value(snapshot);
  return value ? MaybeNumber(*value * scalar_->factor) : std::nullopt;
}

std::span<const UpstreamKey> UpstreamKeys() {
  static const std::vector<UpstreamKey> keys = KeysOf(Catalogue());
  return keys;
}

}  // namespace chatscale
