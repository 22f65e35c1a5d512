// The endpoints, as functions of the newest publication.
#pragma once

#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "exporter/metrics/publication.h"
#include "exporter/server/http_server.h"

namespace chatscale {

// The newest publication, after waiting at most `patience` for a collection that is due.
using ReadPublication = std::function<Publication(absl::Duration patience)>;

// Why only a restart helps; nullopt: all is well. Never blocks for long.
using WhyStalled = std::function<std::optional<std::string>()>;

void AddRoutes(const ReadPublication& read, WhyStalled stalled, HttpServer& server);

// How long a scrape may wait for a collection: little, and never so long that Prometheus, which
// sends its limit in seconds as X-Prometheus-Scrape-Timeout-Seconds, gives up on us.
absl::Duration ScrapePatience(const std::string& scrape_timeout_header);

}  // namespace chatscale
