// The upstream's `GET /monitoring/system` document -> Snapshot. Pure.
//
// Corrections of the upstream: docs/upstream.md. Accepts the document of a metrics service and
// the one an ingress process serves, and the old flat latency shape (`queue_wait_ms.p95` without
// windows).
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "exporter/model/snapshot.h"

namespace chatscale {

// Errors, with ErrorKind attached (exporter/model/error_kind.h):
//   kParse   not JSON, also after NaN, Infinity and invalid UTF-8 were made readable
//   kSchema  JSON, but not an object with at least one section we know
// A field of a wrong type is absent in the result and counted in `malformed`.
absl::StatusOr<Snapshot> ParseMonitoringDocument(std::string_view bytes);

}  // namespace chatscale
