// GET and POST /metrics/export: exports now, and says for each sink what happened.
//
//   {"status": "ok" | "failed", "timestamp": …, "sinks": {"pushgateway": {"status": "ok",
//    "duration_seconds": 0.01}, "cloudwatch": {"status": "failed", "error": …, …}}}
//
// 200; 502 when one failed; 404 when there is no sink; 429 while another is under way or within a
// second of the last; 403 where the listener lets everybody in.
#pragma once

#include <functional>
#include <vector>

#include "exporter/model/view.h"
#include "exporter/server/http_server.h"

namespace chatscale {

// One outcome for each sink.
using ExportNow = std::function<std::vector<SinkOutcome>()>;

// `open`: whether who may ask is known; while it is not, the answer is 403.
void AddExportRoute(ExportNow export_now, std::function<bool()> open, HttpServer& server);

}  // namespace chatscale
