// The time of day as an argument, so that only the shell reads it and tests hold it in hand.
#pragma once

#include "absl/time/time.h"

namespace chatscale {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;  // thread-safe
};

// The machine's clock; lives as long as the program.
const Clock& SystemClock();

}  // namespace chatscale
