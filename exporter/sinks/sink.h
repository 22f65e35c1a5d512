// Somewhere samples are pushed to.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "exporter/metrics/publication.h"

namespace chatscale {

// Used by one thread, its own: see sink_thread.h.
class Sink {
 public:
  virtual ~Sink() = default;

  virtual std::string_view name() const = 0;  // label value: "textfile"
  // Gives up at `timeout`. An error's message holds no secret; its code says whether another try
  // may help (WorthRetrying).
  virtual absl::Status Deliver(const Publication& publication, absl::Duration timeout) = 0;
  // Nothing follows: takes away what would look fresh for ever.
  virtual absl::Status End(absl::Duration /*timeout*/) { return absl::OkStatus(); }
};

// Whoever was asked was not there, too slow or too busy. What it refused it refuses again.
inline bool WorthRetrying(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace chatscale
