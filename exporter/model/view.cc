#include "exporter/model/view.h"

namespace chatscale {

recommender::AutoscalerValues AutoscalerValuesOf(const Recommendations& recommendations,
                                                 Service service) {
  recommender::AutoscalerValues values =
      recommender::AutoscalerValuesOf(recommendations.services[service].recommendation);
  if (recommendations.dry_run) {
    values.desired.reset();
    values.compensated.reset();
    values.ratio_percent.reset();
  }
  return values;
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
