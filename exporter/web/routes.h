// Routes: the HTTP endpoints, as functions of the newest publication.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "exporter/metrics/exposition.h"
#include "exporter/model/source.h"
#include "exporter/model/view.h"
#include "exporter/server/http_server.h"

namespace chatscale {

// System documents: responses of `/metrics/ingress/system`, `/metrics/proc/system` and
// `/metrics/combined`. Pure, except that a source's DocumentText is called.

struct SystemResponse {
  int status = 200;
  std::string json;
};

// The document of one service, unchanged. Errors are `{"detail": ...}`: 400 when no service is
// configured, the service's own status for an error response, else 502.
SystemResponse SystemDocument(const TargetView& target, Service service);

// Proxy mode: {"timestamp", "ingress", "proc"}, with {"error": ...} for a service that failed.
// Other modes: {"timestamp", "mode", "system"}.
SystemResponse CombinedDocument(const View& view, const TargetView& target);

// Export route: GET and POST /metrics/export export to every sink now, and return the outcomes.
//
//   {"status": "ok" | "failed", "timestamp": …, "sinks": {"pushgateway": {"status": "ok",
//    "duration_seconds": 0.01}, "cloudwatch": {"status": "failed", "error": …, …}}}
//
// 200; 502 when a sink failed; 404 without sinks; 429 while another export runs or within a second
// of the last; 403 for a cross-site request, or on a listener without authentication.

// Cross-site request forgery check: the browser adds credentials to a request that another site's
// page made. By Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/), or by Origin (RFC 6454)
// without it; clients other than browsers send neither.
bool IsCrossSite(const WebRequest& request);

// 403, for cross-site requests that change or send something.
WebResponse CrossSiteRefused();

// Callback: exports, and returns one outcome per sink.
using ExportNow = std::function<std::vector<SinkOutcome>()>;

// `open`: whether the listener authenticates clients; without authentication the response is 403.
void AddExportRoute(ExportNow export_now, std::function<bool()> open, HttpServer& server);

// Callback: the newest publication, after waiting at most `timeout` for a collection that is due.
using ReadPublication = std::function<Publication(absl::Duration timeout)>;

// Callback: why only a restart helps; nullopt: healthy. Never blocks for long.
using WhyStalled = std::function<std::optional<std::string>()>;

void AddRoutes(const ReadPublication& read, WhyStalled stalled, HttpServer& server);

// How long a scrape may wait for a collection: briefly, and less than Prometheus' own timeout,
// which it sends in seconds as X-Prometheus-Scrape-Timeout-Seconds.
absl::Duration ScrapeReadTimeout(const std::string& scrape_timeout_header);

}  // namespace chatscale
