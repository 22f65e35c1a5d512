#include "recommender/delivery.h"

#include <algorithm>

namespace chatscale::recommender {

int CompensateForTolerance(int desired, int current) {
  const long band_end = 11L * current;  // tenths of a replica
  const bool swallowed = desired > current && 10L * desired <= band_end;
  return swallowed ? static_cast<int>(band_end / 10) + 1 : desired;
}

Delivery DeliveryOf(const Recommendation& recommendation) {
  Delivery delivery;
  delivery.age = recommendation.input_age;
  delivery.valid = recommendation.valid();
  if (!delivery.valid) return delivery;
  const int desired = *recommendation.desired;
  const int current = recommendation.current.value_or(0);
  delivery.desired = desired;
  delivery.raw = recommendation.raw;
  delivery.compensated = CompensateForTolerance(desired, current);
  const int counted = std::min(current, std::max(recommendation.ordered, desired));
  if (counted > 0) delivery.ratio_percent = 100.0 * desired / counted;
  return delivery;
}

}  // namespace chatscale::recommender
