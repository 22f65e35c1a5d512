// The twenty scalars the upstream's metrics service exports, by their own names and units. They are
// what METRICS_MAPPING_JSON maps and what `snapshot --format keys` prints.
// Source: upstream contract section 6. Where the upstream is wrong (D1-D3, D5, D7) the value is
// ours.
#pragma once

#include <span>
#include <string_view>

#include "exporter/core/snapshot.h"

namespace chatscale {

struct UpstreamKey {
  std::string_view key;              // "proc.queue.wait.p95_ms"
  std::string_view cloudwatch_unit;  // as the upstream sends it: Percent, Seconds or Count
  MaybeNumber (*read)(const Snapshot&);
};

// Sorted by key.
std::span<const UpstreamKey> UpstreamKeys();

}  // namespace chatscale
