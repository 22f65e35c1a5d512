#include "exporter/sinks/parts.h"

#include <utility>

#include "exporter/model/clock.h"

namespace chatscale {

absl::Status Parts::Deliver(std::shared_ptr<const View> view, const std::vector<std::string>& parts,
                            absl::Duration timeout, const Send& send) {
  const Stopwatch begun;
  if (view_ != view) arrived_ = 0;
  view_ = std::move(view);
  for (; arrived_ < parts.size(); ++arrived_) {
    const absl::Duration left = timeout - begun.Elapsed();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("not all of it arrived in time");
    }
    absl::Status sent = send(parts[arrived_], left);
    if (!sent.ok()) return sent;
  }
  view_ = nullptr;
  return absl::OkStatus();
}

}  // namespace chatscale
