// The configured source of snapshots.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "exporter/config/config.h"
#include "exporter/model/reading.h"
#include "exporter/model/view.h"

namespace chatscale {

struct MadeSource {
  std::unique_ptr<SnapshotSource> source;
  // Demo mode: does what the advice in a View says, as an autoscaler would; else empty.
  std::function<void(const View&)> follow;
};

// An error is a fault of the configuration, in one line.
absl::StatusOr<MadeSource> MakeSource(const Config& config);

}  // namespace chatscale
