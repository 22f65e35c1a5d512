// The time of day as an argument, so that only the shell reads it and tests hold it in hand.
#pragma once

#include <chrono>

#include "absl/time/time.h"

namespace chatscale {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;  // thread-safe
};

// Whether what was of `then` is at most `longest` old. A time that lies as far ahead is none to
// trust: the clock was set back.
bool IsYoung(absl::Time then, absl::Time now, absl::Duration longest);

// The machine's clock; lives as long as the program.
const Clock& SystemClock();

// How long something takes. Of the steady clock: the time of day may be set meanwhile.

class Stopwatch {
 public:
  absl::Duration Elapsed() const {
    return absl::FromChrono(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace chatscale
