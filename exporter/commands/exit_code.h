// What the program's end tells its caller, besides EXIT_SUCCESS.
#pragma once

#include <cstdlib>

#include "exporter/log/log.h"

namespace chatscale {

inline constexpr int kFailed = 1;  // at run time
inline constexpr int kUsage = 2;   // usage or configuration

// For each of the threads that are to end.
inline constexpr absl::Duration kStopGrace = absl::Seconds(3);

// Without waiting for threads that hang.
[[noreturn]] inline void ExitAtOnce(int code) {
  FlushLog();
  std::_Exit(code);
}

}  // namespace chatscale
