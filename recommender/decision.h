// Decision records: what is kept of a change, or of a change the guard rails took back.
#pragma once

#include "recommender/recommend.h"

namespace chatscale::recommender {

// Enough to evaluate again: Recommend(policy, before, signals) gives `recommendation` once more.
struct DecisionRecord {
  State before;
  Signals signals;
  Recommendation recommendation;
};

// A change; an anchor set anew; or a suppressed change that the component's previous evaluation did
// not report alike, so that a rail that holds for an hour makes one record.
bool Anchored(const Recommendation& recommendation);
bool WorthRecording(const Recommendation& recommendation, const Recommendation& previous);

// Whether the record, evaluated again, gives the same answer. `policy`: the one of its time.
bool Reproduces(const Policy& policy, const DecisionRecord& record);

}  // namespace chatscale::recommender
