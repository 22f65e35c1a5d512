// Decision records: what is kept of a change, or of a change the guard rails took back.
#pragma once

#include "recommender/recommend.h"

namespace chatscale::recommender {

// One evaluation with what it was made from: Recommend(policy, before, signals) gives
// `recommendation` once more.
struct Evaluation {
  State before;
  Signals signals;
  Recommendation recommendation;
};

// A change; an anchor set anew; or a suppressed change that the service's previous evaluation did
// not report alike, so that a rail that holds for an hour makes one record.
bool Anchored(const Recommendation& recommendation);
bool WorthRecording(const Recommendation& recommendation, const Recommendation& previous);

// Whether it, made again, gives the same answer. `policy`: the one of its time.
bool Reproduces(const Policy& policy, const Evaluation& evaluation);

}  // namespace chatscale::recommender
