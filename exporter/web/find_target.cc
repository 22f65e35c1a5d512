#include "exporter/web/find_target.h"

#include <functional>
#include <nlohmann/json.hpp>

namespace chatscale {
namespace {

using nlohmann::json;

constexpr std::size_t kMostListed = 20;

// Why there is no answer, with the targets that could be asked for.
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

}  // namespace chatscale
