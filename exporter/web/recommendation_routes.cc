#include "exporter/web/recommendation_routes.h"

#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "exporter/recommendations/recommendation_json.h"
#include "exporter/web/target_routes.h"

namespace chatscale {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDecisions = 1'000;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// 503 with all known fields; `known`: the response for a valid recommendation.
WebResponse NoRecommendation(const std::string& why, json known = json::object()) {
  known["valid"] = false;
  known["detail"] = why;
  return JsonResponse(503, Dump(known));
}

WebResponse All(const View& view, const WebRequest& request) {
  json list = json::array();
  TargetsChoice choice = ChooseTargets(view, request);
  if (choice.refusal && !view.targets.empty()) return *std::move(choice.refusal);
  for (const TargetView* target : choice.targets) {
    if (!target->recommendations) continue;
    for (const Service service : kServices) {
      list.push_back(RecommendationJson(target->target, *target->recommendations, service));
    }
  }
  return JsonResponse(200, Dump({{"mode", view.mode}, {"recommendations", list}}));
}

WebResponse One(TargetChoice choice, Service service) {
  if (choice.refusal) return *std::move(choice.refusal);
  const TargetView& target = *choice.target;
  if (!target.recommendations) return NoRecommendation("nothing evaluated yet");
  const ServiceRecommendation& recommended = target.recommendations->services[service];
  json known = RecommendationJson(target.target, *target.recommendations, service);
  if (!recommended.recommendation.valid())
    return NoRecommendation(recommended.sentence, std::move(known));
  if (target.recommendations->dry_run)
    return NoRecommendation("dry run: " + recommended.sentence, std::move(known));
  return JsonResponse(200, Dump(known));
}

WebResponse Decisions(const WebRequest& request, const ReadDecisions& read) {
  DecisionQuery query{request.Query("tenant"), request.Query("project"),
                      request.Query("component")};
  const std::string limit = request.Query("limit");
  if (!limit.empty() &&
      (!absl::SimpleAtoi(limit, &query.most) || query.most == 0 || query.most > kMostDecisions)) {
    return JsonResponse(400, R"({"detail":"limit: expected a whole number from 1 to 1000"})");
  }
  return JsonResponse(200, "{\"decisions\":[" + absl::StrJoin(read(query), ",") + "]}");
}

}  // namespace

void AddRecommendationRoutes(const ReadPublication& read, ReadDecisions decisions,
                             HttpServer& server) {
  const auto view = [read] { return read(absl::ZeroDuration()).view; };
  server.Get("/api/v1/recommendations", [read](const WebRequest& request) {
    const Publication publication = read(absl::ZeroDuration());
    if (!request.query.empty()) return All(*publication.view, request);
    const RenderedText all = publication.documents->Get("/api/v1/recommendations", [&] {
      const WebResponse made = All(*publication.view, request);
      return RenderedText{made.status, made.body};
    });
    WebResponse response = JsonResponse(all.status, "");
    response.body = all.text;
    return response;
  });
  for (const Service service : kServices) {
    const std::string path = std::string("/api/v1/recommendations/") + recommender::NameOf(service);
    server.Get(path, [view, service](const WebRequest& request) {
      const auto shown = view();
      return One(ChooseTarget(*shown, request), service);
    });
    server.Get(path + "/*", [view, service, skip = path.size() + 1](const WebRequest& request) {
      const auto shown = view();
      return One(ChooseTarget(*shown, std::string_view(request.path).substr(skip)), service);
    });
  }
  server.Get("/api/v1/decisions", [decisions = std::move(decisions)](const WebRequest& request) {
    return Decisions(request, decisions);
  });
}

}  // namespace chatscale
