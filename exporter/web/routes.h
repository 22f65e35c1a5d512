// The endpoints, as functions of the newest publication.
#pragma once

#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "exporter/exposition/publication.h"
#include "exporter/web/listener/http_server.h"

namespace chatscale {

// The newest publication, after waiting at most `patience` for a collection that is due.
using ReadPublication = std::function<Publication(absl::Duration patience)>;

// The newest publication when no collection is due; else nullopt. Never blocks.
using PublicationAtHand = std::function<std::optional<Publication>()>;

// Why only a restart helps; nullopt: all is well. Never blocks for long.
using WhyStalled = std::function<std::optional<std::string>()>;

void AddRoutes(const ReadPublication& read, PublicationAtHand at_hand, WhyStalled stalled,
               HttpServer& server);

// How long a scrape may wait for a collection: little, and never so long that Prometheus, which
// sends its limit in seconds as X-Prometheus-Scrape-Timeout-Seconds, gives up on us.
absl::Duration ScrapePatience(const std::string& scrape_timeout_header);

}  // namespace chatscale
