// The figures that the kernel keeps of this process, from /proc/self. What cannot be read is
// absent.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "exporter/metrics/catalogue.h"

namespace chatscale {

// "process_..." and the log lines that were dropped.
std::vector<prometheus::MetricFamily> ProcessFamilies();

MaybeNumber ProcessStartTime();  // Unix time, seconds

}  // namespace chatscale
