// What CloudWatch takes as a name. Pure.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
#pragma once

#include <cstddef>
#include <string_view>

namespace chatscale {

inline constexpr std::size_t kMostDimensions = 30;  // of one metric

// Printable ASCII that is not blank: up to 255 characters that do not begin with ':', up to 1024.
bool IsDimensionName(std::string_view text);
bool IsDimensionValue(std::string_view text);
// Printable ASCII, 1 to 255 characters that begin with a letter or digit: stricter than CloudWatch,
// as Prometheus is told the same name.
bool IsMetricName(std::string_view text);
// 1 to 255 letters, digits, blanks and .-_/#: that do not begin with "AWS/" or ':'.
bool IsNamespace(std::string_view text);

}  // namespace chatscale
