// GET and POST /metrics/export: exports now, and says for each sink what happened.
//
//   {"status": "ok" | "failed", "timestamp": …, "sinks": {"pushgateway": {"status": "ok",
//    "duration_seconds": 0.01}, "cloudwatch": {"status": "failed", "error": …, …}}}
//
// 200; 502 when one failed; 404 when there is no sink; 429 while another is under way or within a
// second of the last.
#pragma once

#include <functional>
#include <vector>

#include "exporter/core/sink_outcome.h"
#include "exporter/web/listener/http_server.h"

namespace chatscale {

// One outcome for each sink.
using ExportNow = std::function<std::vector<SinkOutcome>()>;

void AddExportRoute(ExportNow export_now, HttpServer& server);

}  // namespace chatscale
