// Prometheus' text exposition format 0.0.4. Pure.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
//
// prometheus-cpp 1.0 has a writer, but it leaves newlines in HELP and writes NaN as "Nan"; either
// costs the whole scrape.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace chatscale {

inline constexpr const char* kTextFormatContentType = "text/plain; version=0.0.4; charset=utf-8";

// Gauges and counters only. Values are written with the fewest digits that read back the same.
std::string WriteText(const std::vector<prometheus::MetricFamily>& families);

}  // namespace chatscale
