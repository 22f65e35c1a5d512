// Units and bounds of what a policy sets.
#pragma once

#include <cstdint>
#include <string_view>

namespace chatscale::recommender {

enum class PolicyUnit : std::uint8_t {
  kRatio,           // 1.0 = all
  kPercent,         // 100 = all
  kSeconds,         // number
  kTasksPerMinute,  // number
  kCount,           // number or whole number
  kDuration,        // text
  kLead,            // text, or "auto"
  kInstant,         // text, or "none"
  kSwitch           // true or false
};

// Durations in the text, seconds as numbers.
constexpr bool IsDuration(PolicyUnit unit) {
  return unit == PolicyUnit::kDuration || unit == PolicyUnit::kLead;
}

std::string_view UnitName(PolicyUnit unit);

// In the field's unit; durations in seconds, instants in Unix seconds. Both ends inclusive.
struct Range {
  double low = 0;
  double high = 0;
};

// No value at all: the operating guide gives no range.
inline constexpr Range kUndocumented{1, 0};

}  // namespace chatscale::recommender
