// Demo mode: snapshots of a simulated system that lives faster than we do.
#pragma once

#include <cstdint>
#include <memory>

#include "exporter/core/reading.h"

namespace chatscale {

// One target, tenant "demo" and project "demo". At `speed` simulated seconds a second, counted from
// the first Take. The document's timestamp is simulated time.
std::unique_ptr<SnapshotSource> MakeDemoSource(std::uint64_t seed, double speed);

}  // namespace chatscale
