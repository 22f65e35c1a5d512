// What became of one delivery to one sink, for those who asked for it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace chatscale {

struct SinkOutcome {
  std::string sink;
  absl::Status status;  // holds no secret
  absl::Duration took = absl::ZeroDuration();
};

}  // namespace chatscale
