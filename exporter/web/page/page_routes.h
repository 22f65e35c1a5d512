// Page routes: the page at "/", its assets, and the endpoints it polls.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exporter/model/view.h"
#include "exporter/server/http_server.h"
#include "exporter/web/history.h"
#include "exporter/web/recommendation_routes.h"
#include "exporter/web/routes.h"

namespace chatscale {

struct PageSources {
  ReadPublication read;
  ReadDecisions decisions;
  const History* history = nullptr;  // must outlive the server
  std::vector<ShownSetting> settings;
};

// GET /, /page.css, /page.js, /chart.js; /docs/metrics and /docs/runbooks: the project's documents;
// /api/v1/page: {"at", "sections": {id: HTML}}; /api/v1/history: HistoryJson.
void AddPageRoutes(PageSources sources, HttpServer& server);

}  // namespace chatscale
