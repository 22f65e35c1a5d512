// What the program's end tells its caller, besides EXIT_SUCCESS.
#pragma once

namespace chatscale {

inline constexpr int kFailed = 1;  // at run time
inline constexpr int kUsage = 2;   // usage or configuration

}  // namespace chatscale
