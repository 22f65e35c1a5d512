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

// Whether a page of somebody else made a browser ask: it sends along what the browser knows of the
// user, a password for example.

// By Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/), or by Origin (RFC 6454) where the
// browser sends none. Who is no browser sends neither.
bool IsCrossSite(const WebRequest& request);

// 403, for requests that change or send something.
WebResponse CrossSiteRefused();

// One outcome for each sink.
using ExportNow = std::function<std::vector<SinkOutcome>()>;

// `open`: whether who may ask is known; while it is not, the answer is 403.
void AddExportRoute(ExportNow export_now, std::function<bool()> open, HttpServer& server);

}  // namespace chatscale
