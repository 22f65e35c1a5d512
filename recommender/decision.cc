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

bool Reproduces(const Policy& policy, const Evaluation& evaluation) {
  const Step step = Recommend(policy, evaluation.before, evaluation.signals);
  return step.recommendations[evaluation.recommendation.service] == evaluation.recommendation;
}

}  // namespace chatscale::recommender
