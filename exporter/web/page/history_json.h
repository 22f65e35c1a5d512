// The last hour of one target as JSON, for charts. Pure.
#pragma once

#include <string>

#include "exporter/history/history.h"
#include "exporter/model/view.h"

namespace chatscale {

// {"at": [Unix seconds…],
//  "services": {"ingress": {"current": [replicas…], "desired": […],
//                           "signals": [{"name", "unit": "ratio"|"seconds"|…, "values": […],
//                                        "thresholds": [{"direction": "out"|"in", "value"}]}]},
//               "proc": …}}
// Thresholds are those in effect now. What is not known is null.
std::string HistoryJson(const TargetView& target, const TargetHistory& history);

}  // namespace chatscale
