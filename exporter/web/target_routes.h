// One target at a time, for sharding the scrapes of many.
#pragma once

#include "exporter/web/routes.h"

namespace chatscale {

// GET /probe?tenant=&project=   the series of that target alone; 400 without both, 404 when it is
//                               not one of ours: names, never addresses
//     /sd                       the targets as Prometheus' HTTP service discovery reads them:
//                               address and __param_tenant, __param_project for /probe
// https://prometheus.io/docs/prometheus/latest/http_sd/
void AddTargetRoutes(const ReadPublication& read, HttpServer& server);

// What a client said it reached us by ("host:port"), when it can be an address; else "".
std::string AddressFromHost(const std::string& host_header);

}  // namespace chatscale
