// The recommender's endpoints.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exporter/web/routes.h"

namespace chatscale {

// Newest first, whole JSON objects; empty `tenant`, `project` and `component` match all.
struct DecisionQuery {
  std::string tenant, project, component;
  std::size_t most = 100;
};
using ReadDecisions = std::function<std::vector<std::string>(const DecisionQuery&)>;

// GET /api/v1/recommendations             every target and component, or those of ?tenant=&project=
//     /api/v1/recommendations/ingress     one, flat; ?tenant=&project= selects the target, as
//     /api/v1/recommendations/proc        find_target.h says. 503 while no advice is valid, so that
//                                         a fallback works
//     /api/v1/recommendations/<component>/<tenant>/<project>    the same for consumers that drop
//     the
//                                         query (KEDA's aggregateFromKubeServiceEndpoints)
//     /api/v1/decisions                   ?tenant=&project=&component=&limit=
void AddRecommendationRoutes(const ReadPublication& read, ReadDecisions decisions,
                             HttpServer& server);

}  // namespace chatscale
