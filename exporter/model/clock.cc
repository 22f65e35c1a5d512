#include "exporter/model/clock.h"

#include "absl/time/clock.h"

namespace chatscale {

namespace {

class RealClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace

bool IsYoung(absl::Time then, absl::Time now, absl::Duration longest) {
  return absl::AbsDuration(now - then) <= longest;
}

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

}  // namespace chatscale
