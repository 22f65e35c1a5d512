// How long to wait before each retry: doubled every time, half of it random, so that many who were
// refused together do not come back together.
#pragma once

#include <random>

#include "absl/time/time.h"

namespace chatscale {

class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest) : next_(first), longest_(longest) {}

  // From half of `first` to `first`, then of twice that, up to `longest`.
  absl::Duration Next();

 private:
  absl::Duration next_;
  const absl::Duration longest_;
  std::mt19937 random_{std::random_device{}()};
};

}  // namespace chatscale
