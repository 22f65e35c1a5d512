// The figures the kernel keeps about this process.
#pragma once

#include "exporter/core/view.h"

namespace chatscale {

// Reads /proc/self; what cannot be read is absent.
ProcessStats ReadProcessStats();

}  // namespace chatscale
