#include "exporter/sinks/backoff.h"

#include <algorithm>

namespace chatscale {

absl::Duration Backoff::Next() {
  const absl::Duration whole = std::min(next_, longest_);
  next_ = 2 * whole;
  return whole * std::uniform_real_distribution<double>(0.5, 1)(random_);
}

}  // namespace chatscale
