#include "exporter/model/advice.h"

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

std::vector<std::string> WithoutRecommendation(const Advice& advice) {
  std::vector<std::string> sentences;
  for (const Service service : kServices) {
    const ServiceAdvice& given = advice.services[service];
    if (!given.recommendation.valid()) sentences.push_back(given.sentence);
  }
  return sentences;
}

}  // namespace chatscale
