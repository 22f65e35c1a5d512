// Sink: the interface of a receiver to which samples are pushed. Alone, as each sink implements it
// and SinkThread calls it.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "exporter/metrics/exposition.h"

namespace chatscale {

// Used by one thread of its own; see sink_thread.h.
class Sink {
 public:
  virtual ~Sink() = default;

  virtual std::string_view name() const = 0;  // label value: "textfile"
  // Exports within `timeout`. An error's message contains no secret; its code says whether a retry
  // may help (WorthRetrying).
  virtual absl::Status Deliver(const Publication& publication, absl::Duration timeout) = 0;
  // After the last export: removes what would look fresh for ever.
  virtual absl::Status End(absl::Duration /*timeout*/) { return absl::OkStatus(); }
};

// The receiver was unreachable, too slow or too busy. A rejected export is not worth a retry.
inline bool WorthRetrying(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace chatscale
