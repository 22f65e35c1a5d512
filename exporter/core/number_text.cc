#include "exporter/core/number_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace chatscale {

std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), value);
  return {digits.data(), end.ptr};
}

}  // namespace chatscale
