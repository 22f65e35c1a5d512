// The aggregator's documents: what `/metrics/ingress/system`, `/metrics/proc/system` and
// `/metrics/combined` answer. Pure, but for asking a source's document for its text.
#pragma once

#include <string>

#include "exporter/model/reading.h"
#include "exporter/model/view.h"

namespace chatscale {

struct SystemAnswer {
  int status = 200;
  std::string json;
};

// One service's document, as it gave it. Errors are `{"detail": ...}`: 400 when no service is
// configured, the service's own status when it answered with an error, else 502.
SystemAnswer SystemDocument(const TargetView& target, Service service);

// Proxy mode: {"timestamp", "ingress", "proc"}, with {"error": ...} in the place of a service that
// failed. Other modes: {"timestamp", "mode", "system"}.
SystemAnswer CombinedDocument(const View& view, const TargetView& target);

}  // namespace chatscale
