// How busy the simulated users are: a working day, and bursts. Pure.
#pragma once

namespace chatscale {

// Relative to the busiest hour, 0 to 1, at `seconds` since midnight (any day).
double DailyShape(double seconds);

// A time of unusual interest: users arrive, and ask, that much more often.
struct Burst {
  double from = 0, until = 0;  // seconds
  double factor = 1;
};

}  // namespace chatscale
