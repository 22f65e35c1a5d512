// The simulated system as a `/monitoring/system` document, of the upstream's shape. Pure.
#pragma once

#include <string>

#include "exporter/sources/simulator/demo_system.h"

namespace chatscale {

// Adds to the upstream's members "demo": true, and "chatscale": {"queue": {"waiting", "in_flight",
// "oldest_waiting_seconds"}, "counts": {...}}, which say what the upstream's document cannot.
std::string DemoDocument(const DemoSystem& system);

}  // namespace chatscale
