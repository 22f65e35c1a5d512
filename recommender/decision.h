// What is worth keeping: a change, or a change that the guard rails took back.
#pragma once

#include "recommender/recommendation.h"

namespace chatscale::recommender {

// A change; an anchor set anew; or a suppressed change that the service's previous evaluation did
// not report alike, so that a rail that holds for an hour makes one record.
bool Anchored(const Recommendation& recommendation);
bool WorthRecording(const Recommendation& recommendation, const Recommendation& previous);

}  // namespace chatscale::recommender
