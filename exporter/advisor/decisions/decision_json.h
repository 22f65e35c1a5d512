// One decision with all it was made from: evaluating `state` and `signals` again, under the same
// policy, gives the same answer. Pure.
#pragma once

#include <string>

#include "exporter/model/advice.h"
#include "exporter/model/target.h"
#include "recommender/policy.h"
#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale {

struct DecisionInputs {
  const recommender::Signals& signals;
  const recommender::State& state;  // before the evaluation
  const recommender::Policy& policy;
};

// {"timestamp","tenant","project","component","decision","suppressed","from","to","raw","limited",
//  "notes","sentence","rules","policy_hash","signals","state"}
std::string DecisionJson(const Target& target, const ServiceAdvice& advised,
                         const DecisionInputs& inputs);

}  // namespace chatscale
