#include "exporter/web/target_routes.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "exporter/metrics/text_format.h"

namespace chatscale {

namespace {

using nlohmann::json;

constexpr std::size_t kMostListed = 20;

// Error response with the existing targets.
WebResponse Refusal(const View& view, const std::string& why) {
  json targets = json::array();
  for (const TargetView& target : view.targets) {
    if (targets.size() == kMostListed) break;
    targets.push_back({{"tenant", target.target.tenant}, {"project", target.target.project}});
  }
  const json body = {{"detail", why}, {"targets", targets}, {"targets_total", view.targets.size()}};
  return JsonResponse(view.targets.empty() ? 503 : 400,
                      body.dump(-1, ' ', false, json::error_handler_t::replace));
}

TargetsChoice Matching(const View& view, const std::function<bool(const Target&)>& fits) {
  TargetsChoice choice;
  for (const TargetView& target : view.targets) {
    if (fits(target.target)) choice.targets.push_back(&target);
  }
  if (view.targets.empty()) {
    choice.refusal = Refusal(view, "nothing collected yet");
  } else if (choice.targets.empty()) {
    choice.refusal = Refusal(view, "no such target");
  }
  return choice;
}

TargetChoice OneOf(const View& view, TargetsChoice choice) {
  if (choice.refusal) return {nullptr, std::move(choice.refusal)};
  if (choice.targets.size() == 1) return {choice.targets.front(), std::nullopt};
  return {nullptr, Refusal(view, "several targets: expected ?tenant=...&project=...")};
}

}  // namespace

TargetsChoice ChooseTargets(const View& view, const WebRequest& request) {
  for (const auto& [name, value] : request.query) {
    if (name == "tenant" || name == "project") continue;
    return {{}, Refusal(view, "unknown parameter \"" + name + "\": expected tenant and project")};
  }
  if (request.repeated_parameter) return {{}, Refusal(view, "a parameter is given twice")};
  const auto tenant = request.query.find("tenant");
  const auto project = request.query.find("project");
  return Matching(view, [&](const Target& target) {
    return (tenant == request.query.end() || target.tenant == tenant->second) &&
           (project == request.query.end() || target.project == project->second);
  });
}

TargetChoice ChooseTarget(const View& view, const WebRequest& request) {
  return OneOf(view, ChooseTargets(view, request));
}

TargetChoice ChooseTarget(const View& view, std::string_view names) {
  return OneOf(view, Matching(view, [names](const Target& target) {
                 return target.tenant + "/" + target.project == names;
               }));
}

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
  View one;  // the requested target alone, of perhaps a thousand
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
    if (target.target.tenant.empty() && target.target.project.empty())
      continue;  // placeholder: none was discovered yet
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
    return Probe(read(ScrapeReadTimeout(request.Header("x-prometheus-scrape-timeout-seconds"))),
                 request);
  });
  server.Get("/sd", [read](const WebRequest& request) {
    const std::string address = AddressFromHost(request.Header("host"));
    if (address.empty()) return TextResponse(400, "expected a Host header that is an address\n");
    const json groups = Discovery(*read(absl::ZeroDuration()).view, address);
    // Prometheus drops all targets on an empty list, and keeps them on an error.
    if (groups.empty()) return TextResponse(503, "no target has been discovered yet\n");
    return JsonResponse(200, groups.dump(-1, ' ', false, json::error_handler_t::replace));
  });
}

}  // namespace chatscale
