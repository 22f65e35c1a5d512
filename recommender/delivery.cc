#include "recommender/delivery.h"

#include <cmath>

namespace chatscale::recommender {

int ToleranceCompensated(int desired, int current, double tolerance) {
  if (current <= 0 || desired <= current) return desired;
  const double ignored_up_to = (1 + tolerance) * current;
  if (desired > ignored_up_to + 1e-9) return desired;
  return static_cast<int>(std::floor(ignored_up_to + 1e-9)) + 1;
}

double RatioPercent(int desired, int current) { return 100.0 * desired / current; }

}  // namespace chatscale::recommender
