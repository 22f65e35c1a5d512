// The answer of whoever samples were pushed to, as the outcome of a delivery.
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

// OK for any 2xx. What another try may help (WorthRetrying): no answer, 408, 429, 5xx. What was
// refused: kInvalidArgument, with the answer's own words where it is 400 or 422.
// `secrets`: an answer that repeats one of them is not shown.
absl::Status HttpOutcome(const absl::StatusOr<HttpAnswer>& answer,
                         const std::vector<std::string>& secrets = {});

// A delivery that takes several requests. What breaks off is taken up where it broke off: what
// arrived twice would count twice.

class Parts {
 public:
  using Send = std::function<absl::Status(const std::string& part, absl::Duration timeout)>;

  // Sends those parts of `view` that have not arrived, one after the other, until one fails.
  absl::Status Deliver(std::shared_ptr<const View> view, const std::vector<std::string>& parts,
                       absl::Duration timeout, const Send& send);

 private:
  std::shared_ptr<const View> view_;  // not all of it has arrived
  std::size_t arrived_ = 0;           // parts of it that have
};

}  // namespace chatscale
