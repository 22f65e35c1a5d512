// One target at a time, for sharding the scrapes of many.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/view.h"
#include "exporter/server/message.h"
#include "exporter/web/routes.h"

namespace chatscale {

// Which target a request is about. Never a guess: an autoscaler that asks for one tenant must not
// be told another one's count.

struct TargetChoice {
  const TargetView* target = nullptr;
  std::optional<WebResponse> refusal;  // instead
};

// By ?tenant= and ?project=; neither is needed while they fit one target only. Refused with 400 and
// what exists: names that fit none or several, other parameters, one that is given twice. 503 while
// nothing has been collected.
TargetChoice ChooseTarget(const View& view, const WebRequest& request);

// By "<tenant>/<project>", the rest of a path.
TargetChoice ChooseTarget(const View& view, std::string_view names);

// Every target that ?tenant= and ?project= fit; refused as above when it is none.
struct TargetsChoice {
  std::vector<const TargetView*> targets;
  std::optional<WebResponse> refusal;  // instead
};
TargetsChoice ChooseTargets(const View& view, const WebRequest& request);

// GET /probe?tenant=&project=   the series of that target alone; 400 without both, 404 when it is
//                               not one of ours: names, never addresses
//     /sd                       the targets as Prometheus' HTTP service discovery reads them:
//                               address and __param_tenant, __param_project for /probe
// https://prometheus.io/docs/prometheus/latest/http_sd/
void AddTargetRoutes(const ReadPublication& read, HttpServer& server);

// What a client said it reached us by ("host:port"), when it can be an address; else "".
std::string AddressFromHost(const std::string& host_header);

}  // namespace chatscale
