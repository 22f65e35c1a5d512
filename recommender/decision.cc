#include "recommender/decision.h"

namespace chatscale::recommender {

bool Anchored(const Recommendation& recommendation) {
  return recommendation.notes.Has(Reason::kStarted) || recommendation.notes.Has(Reason::kResumed);
}

bool WorthRecording(const Recommendation& recommendation, const Recommendation& previous) {
  if (recommendation.decision != Decision::kHold || Anchored(recommendation)) return true;
  if (recommendation.suppressed == Decision::kHold) return false;
  return recommendation.suppressed != previous.suppressed ||
         recommendation.limited != previous.limited;
}

bool Reproduces(const Policy& policy, const DecisionRecord& record) {
  const Step step = Recommend(policy, record.before, record.signals);
  const auto index = static_cast<std::size_t>(record.recommendation.component);
  return step.recommendations[index] == record.recommendation;
}

}  // namespace chatscale::recommender
