// Target routes: selection of a target by a request, and endpoints that shard scrapes by target.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/view.h"
#include "exporter/server/message.h"
#include "exporter/web/routes.h"

namespace chatscale {

// The target of a request. Never guessed: an autoscaler must not get another tenant's count.
struct TargetChoice {
  const TargetView* target = nullptr;
  std::optional<WebResponse> refusal;  // error response, in place of a target
};

// By ?tenant= and ?project=; optional while they match one target only. 400 with the existing
// targets: no or several matches, unknown or repeated parameters. 503: nothing was collected yet.
TargetChoice ChooseTarget(const View& view, const WebRequest& request);

// By "<tenant>/<project>", the last part of a path.
TargetChoice ChooseTarget(const View& view, std::string_view names);

// All targets that match ?tenant= and ?project=; errors as above, also without a match.
struct TargetsChoice {
  std::vector<const TargetView*> targets;
  std::optional<WebResponse> refusal;  // error response
};
TargetsChoice ChooseTargets(const View& view, const WebRequest& request);

// GET /probe?tenant=&project=   the series of that target alone; 400 without both, 404 for
//                               an unknown one: names, never addresses
//     /sd                       all targets for Prometheus' HTTP service discovery: address, and
//                               __param_tenant and __param_project for /probe
// https://prometheus.io/docs/prometheus/latest/http_sd/
void AddTargetRoutes(const ReadPublication& read, HttpServer& server);

// The client's Host header ("host:port") if it can be an address, else "".
std::string AddressFromHost(const std::string& host_header);

}  // namespace chatscale
