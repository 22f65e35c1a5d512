// The scalars of the upstream, by their own names and units, as the rows of the catalogue have
// them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "exporter/core/catalogue.h"

namespace chatscale {

class UpstreamKey {
 public:
  UpstreamKey(const MetricRow& row, const UpstreamScalar& scalar) : row_(&row), scalar_(&scalar) {}

  std::string_view key() const { return scalar_->key; }
  std::string_view cloudwatch_unit() const { return scalar_->cloudwatch_unit; }
  const MetricRow& row() const { return *row_; }
  const UpstreamScalar& scalar() const { return *scalar_; }
  // Times `scale`.
  MaybeNumber Read(const Snapshot& snapshot, double scale = 1) const;

 private:
  const MetricRow* row_;
  const UpstreamScalar* scalar_;
};

// The twenty that the upstream's metrics service exports, sorted by key. `snapshot --format keys`
// prints them.
std::span<const UpstreamKey> UpstreamKeys();

// All that METRICS_MAPPING_JSON may name, sorted by key.
std::vector<UpstreamKey> MappableKeys();

}  // namespace chatscale
