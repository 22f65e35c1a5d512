// The twenty scalars that the upstream's metrics service exports, by their own names and units, as
// the rows of the catalogue have them. `snapshot --format keys` prints them.
#pragma once

#include <span>
#include <string_view>

#include "exporter/core/catalogue.h"

namespace chatscale {

class UpstreamKey {
 public:
  UpstreamKey(const MetricRow& row, const UpstreamScalar& scalar) : row_(&row), scalar_(&scalar) {}

  std::string_view key() const { return scalar_->key; }
  std::string_view cloudwatch_unit() const { return scalar_->cloudwatch_unit; }
  MaybeNumber Read(const Snapshot& snapshot) const;

 private:
  const MetricRow* row_;
  const UpstreamScalar* scalar_;
};

// Sorted by key.
std::span<const UpstreamKey> UpstreamKeys();

}  // namespace chatscale
