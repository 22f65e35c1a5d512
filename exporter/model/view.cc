#include "exporter/model/view.h"

namespace chatscale {

recommender::Delivery DeliveryOf(const Recommendations& recommendations, Service service) {
  recommender::Delivery delivery =
      recommender::DeliveryOf(recommendations.services[service].recommendation);
  if (recommendations.dry_run) {
    delivery.desired.reset();
    delivery.compensated.reset();
    delivery.ratio_percent.reset();
  }
  return delivery;
}

std::vector<std::string> WithoutRecommendation(const Recommendations& recommendations) {
  std::vector<std::string> sentences;
  for (const Service service : kServices) {
    const ServiceRecommendation& given = recommendations.services[service];
    if (!given.recommendation.valid()) sentences.push_back(given.sentence);
  }
  return sentences;
}

}  // namespace chatscale
