// Instants of the simulated day.
#pragma once

namespace chatscale {

inline constexpr double kStart = 1'767'600'000;  // 08:00
inline constexpr double kHour = 3'600;
inline constexpr double kDay = 24 * kHour;

}  // namespace chatscale
