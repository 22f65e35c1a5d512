#include "exporter/web/target_routes.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "exporter/metrics/text_format.h"

namespace chatscale {
namespace {

using nlohmann::json;

WebResponse Probe(const Publication& publication, const WebRequest& request) {
  const View& view = *publication.view;
  const auto tenant = request.query.find("tenant");
  const auto project = request.query.find("project");
  if (tenant == request.query.end() || project == request.query.end()) {
    return TextResponse(400, "expected ?tenant=...&project=...\n");
  }
  const Target wanted{tenant->second, project->second};
  const auto found =
      std::find_if(view.targets.begin(), view.targets.end(),
                   [&](const TargetView& target) { return target.target == wanted; });
  if (found == view.targets.end()) return TextResponse(404, "no such target\n");
  View one;  // without the other targets, which may be a thousand
  one.built_at = view.built_at;
  one.mode = view.mode;
  one.targets = {*found};
  WebResponse response = TextResponse(200, "");
  response.content_type = kTextFormatContentType;
  response.body = std::make_shared<const std::string>(
      RenderRows(one, absl::Now(), publication.options, Rows::kProbe).text);
  return response;
}

json Discovery(const View& view, const std::string& address) {
  json groups = json::array();
  for (const TargetView& target : view.targets) {
    if (target.target.tenant.empty() && target.target.project.empty()) continue;  // none found yet
    groups.push_back({{"targets", json::array({address})},
                      {"labels",
                       {{"__metrics_path__", "/probe"},
                        {"__param_tenant", target.target.tenant},
                        {"__param_project", target.target.project}}}});
  }
  return groups;
}

}  // namespace

std::string AddressFromHost(const std::string& host_header) {
  constexpr std::size_t kLongest = 255;
  constexpr const char* kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]_";
  if (host_header.size() > kLongest) return "";
  return host_header.find_first_not_of(kAllowed) == host_header.npos ? host_header : "";
}

void AddTargetRoutes(const ReadPublication& read, HttpServer& server) {
  server.Get("/probe", [read](const WebRequest& request) {
    return Probe(read(ScrapePatience(request.Header("x-prometheus-scrape-timeout-seconds"))),
                 request);
  });
  server.Get("/sd", [read](const WebRequest& request) {
    const std::string address = AddressFromHost(request.Header("host"));
    if (address.empty()) return TextResponse(400, "expected a Host header that is an address\n");
    const json groups = Discovery(*read(absl::ZeroDuration()).view, address);
    // An empty list would drop every target that Prometheus has; it keeps them on an error.
    if (groups.empty()) return TextResponse(503, "no target is known yet\n");
    return JsonResponse(200, groups.dump(-1, ' ', false, json::error_handler_t::replace));
  });
}

}  // namespace chatscale
