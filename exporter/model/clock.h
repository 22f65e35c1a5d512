// Clock: the time of day as an interface; only the shell reads it, and tests control it.
#pragma once

#include <chrono>

#include "absl/time/time.h"

namespace chatscale {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;  // thread-safe
};

// Whether the difference is at most `longest`. Absolute: a time that far ahead means that the clock
// was set back, and is not trusted.
bool IsYoung(absl::Time then, absl::Time now, absl::Duration longest);

// The system clock; lives as long as the program.
const Clock& SystemClock();

// Elapsed time by the steady clock, which no change of the system time affects.
class Stopwatch {
 public:
  absl::Duration Elapsed() const {
    return absl::FromChrono(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace chatscale
