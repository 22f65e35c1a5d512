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

}  // namespace chatscale::recommender
