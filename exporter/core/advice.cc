#include "exporter/core/advice.h"

namespace chatscale {

recommender::Delivery DeliveryOf(const Advice& advice, Service service) {
  recommender::Delivery delivery = recommender::DeliveryOf(advice.services[service].recommendation);
  if (advice.dry_run) {
    delivery.desired.reset();
    delivery.compensated.reset();
    delivery.ratio_percent.reset();
  }
  return delivery;
}

}  // namespace chatscale
