// How long something takes. Of the steady clock: the time of day may be set meanwhile.
#pragma once

#include <chrono>

#include "absl/time/time.h"

namespace chatscale {

class Stopwatch {
 public:
  absl::Duration Elapsed() const {
    return absl::FromChrono(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace chatscale
