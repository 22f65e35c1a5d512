// Samples as OTLP has them, in its JSON encoding. Pure.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
//
// Gauges, and counters as cumulative monotonic sums, under their dotted names with UCUM units; of
// histograms nothing. Each with the time its value was true.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/metrics/publication.h"

namespace chatscale {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// With service.name chatscale and our version, unless they are given.
Attributes WithService(Attributes resource);

// ExportMetricsServiceRequest messages of at most about a mebibyte: none where there is nothing to
// say. `resource` describes who says it.
std::vector<std::string> OtlpRequests(const Publication& publication, const Attributes& resource);

}  // namespace chatscale
