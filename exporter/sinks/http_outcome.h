// HTTP outcome: the response of a push receiver as the status of an export.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/http/http_client.h"
#include "exporter/model/view.h"

namespace chatscale {

// OK for any 2xx. Errors that a retry may help (WorthRetrying): no response, 408, 429, 5xx. Other
// responses: kInvalidArgument, with the response's message for 400 and 422. A response that
// contains one of `secrets` is not shown.
absl::Status HttpOutcome(const absl::StatusOr<HttpResponse>& response,
                         const std::vector<std::string>& secrets = {});

// An export of several requests. A retry resumes after the last accepted request, because repeated
// samples would count twice.
class Parts {
 public:
  using Send = std::function<absl::Status(const std::string& part, absl::Duration timeout)>;

  // Whether some parts of `view` were accepted, or tried, before.
  bool Continues(const std::shared_ptr<const View>& view) const { return view_ == view; }
  // Sends the parts of `view` that were not yet accepted, in order, until one fails.
  absl::Status Deliver(std::shared_ptr<const View> view, const std::vector<std::string>& parts,
                       absl::Duration timeout, const Send& send);

 private:
  std::shared_ptr<const View> view_;  // the partly exported view; null: none
  std::size_t arrived_ = 0;           // number of accepted parts
};

}  // namespace chatscale
