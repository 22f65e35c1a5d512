// The upstream's `GET /monitoring/system` document -> Snapshot. Pure.
//
// Corrections of the upstream: docs/upstream.md. Accepts the document of a metrics service and
// the one an ingress process serves, and the old flat latency shape (`queue_wait_ms.p95` without
// windows).
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "exporter/document/json.h"
#include "exporter/model/snapshot.h"

namespace chatscale {

// `components.<name>` of the document -> ServiceFleet. Pure.

inline constexpr double kPercent = 100;  // of a ratio of 1

// `malformed_pools` counts malformed fields about connections: no signal of a decision.
ServiceFleet ReadFleet(const JsonFields& json, int* malformed_pools);

// {1m, 15m, 1h, max}, each divided by `divisor`.
WindowMeans ReadWindowMeans(const JsonFields& json, double divisor, double most = kMostCount);

// Errors, with ErrorKind attached (exporter/model/error_kind.h):
//   kParse   not JSON, also after NaN, Infinity and invalid UTF-8 were made readable
//   kSchema  JSON, but not an object with at least one section we know
// A field of a wrong type is absent in the result and counted in `malformed`.
absl::StatusOr<Snapshot> ParseMonitoringDocument(std::string_view bytes);

}  // namespace chatscale
