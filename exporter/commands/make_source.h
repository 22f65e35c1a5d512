// The configured source of snapshots.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "exporter/config/config.h"
#include "exporter/core/reading.h"

namespace chatscale {

// An error is a fault of the configuration, in one line.
absl::StatusOr<std::unique_ptr<SnapshotSource>> MakeSource(const Config& config);

}  // namespace chatscale
