// A clock that the test sets.
#pragma once

#include <atomic>
#include <cstdint>

#include "exporter/model/clock.h"

namespace chatscale {

class FakeClock : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixMillis(now_ms); }
  std::atomic<std::int64_t> now_ms{1'700'000'000'000};
};

}  // namespace chatscale
