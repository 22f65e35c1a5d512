// Recommendation routes: the recommender's HTTP endpoints.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exporter/web/routes.h"

namespace chatscale {

// Query of the decision log. Empty `tenant`, `project` and `component` match all.
struct DecisionQuery {
  std::string tenant, project, component;
  std::size_t most = 100;
};
// Callback: matching records as JSON objects, newest first.
using ReadDecisions = std::function<std::vector<std::string>(const DecisionQuery&)>;

// GET /api/v1/recommendations             every target and component, or those of ?tenant=&project=
//     /api/v1/recommendations/ingress     one component of one target, flat; ?tenant=&project=
//     /api/v1/recommendations/proc        select the target (target_routes.h). 503 while no
//                                         recommendation is valid, so that a fallback works
//     /api/v1/recommendations/<component>/<tenant>/<project>    the same for clients that drop the
//                                         query (KEDA's aggregateFromKubeServiceEndpoints)
//     /api/v1/decisions                   ?tenant=&project=&component=&limit=
void AddRecommendationRoutes(const ReadPublication& read, ReadDecisions decisions,
                             HttpServer& server);

}  // namespace chatscale
