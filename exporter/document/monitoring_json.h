// `/monitoring/system` documents of the upstream, parsed into a Snapshot. Pure.
//
// Corrects the upstream's defects (docs/upstream.md). Accepts the document of a metrics service,
// that of an ingress process, and the old flat latency shape (`queue_wait_ms.p95` without windows).
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "exporter/document/json.h"
#include "exporter/model/snapshot.h"

namespace chatscale {

inline constexpr double kPercent = 100;  // of a ratio of 1

// Parses `components.<name>`. `malformed_pools` counts the malformed fields of connection pools,
// which are not signals of a rule.
ServiceFleet ReadFleet(const JsonFields& json, int* malformed_pools);

// {1m, 15m, 1h, max}, each divided by `divisor`.
WindowMeans ReadWindowMeans(const JsonFields& json, double divisor, double most = kMostCount);

// Errors, with ErrorKind attached (exporter/model/error_kind.h):
//   kParse   not JSON, even after TolerantJson
//   kSchema  JSON, but not an object with at least one known section
// A field of a wrong type is absent in the result and counted in `malformed`.
absl::StatusOr<Snapshot> ParseMonitoringDocument(std::string_view bytes);

}  // namespace chatscale
