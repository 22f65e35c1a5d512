// What the server counted.
#pragma once

#include <memory>
#include <string>

#include "exporter/metrics/self_metrics.h"

namespace chatscale {

class Counted {
 public:
  std::shared_ptr<SelfMetrics> self() const { return self_; }
  double Rejected(const std::string& reason) const {
    return ValueIn(self_->Collect(), "chat.exporter.http_rejected_connections_total",
                   {{"reason", reason}})
        .value_or(0);
  }
  double Requests(const std::string& handler, int code) const {
    return ValueIn(self_->Collect(), "chat.exporter.http_requests_total",
                   {{"handler", handler}, {"code", std::to_string(code)}})
        .value_or(0);
  }

 private:
  const std::shared_ptr<SelfMetrics> self_ = std::make_shared<SelfMetrics>();
};

}  // namespace chatscale
