// The answer of whoever samples were pushed to, as the outcome of a delivery.
#pragma once

#include "absl/status/statusor.h"
#include "exporter/http/http_message.h"

namespace chatscale {

// OK for any 2xx. What another try may help (WorthRetrying): no answer, 408, 429, 5xx. What was
// refused: kInvalidArgument, with the answer's own words where it is 400 or 422.
absl::Status HttpOutcome(const absl::StatusOr<HttpAnswer>& answer);

}  // namespace chatscale
