#include "exporter/sources/redis/snapshot/rounding.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace chatscale::redis {

double RoundTo(double value, int decimals) {
  if (!std::isfinite(value) || std::abs(value) > 1e15) return value;
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return std::strtod(text, nullptr);
}

}  // namespace chatscale::redis
