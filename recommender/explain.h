// One sentence for a person about one recommendation. Pure.
//
//   proc: 3 → 5 replicas: queue wait p95 4.2 s has been above 3 s for 2 min 15 s; 41 tasks waiting
//   need 2 more replicas to drain in 60 s.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "recommender/policy.h"
#include "recommender/recommendation.h"

namespace chatscale::recommender {

std::string Explain(const Policy& policy, const Recommendation& recommendation);

// "45 s", "2 min 15 s", "1 h 5 min": whole seconds, two units at most.
std::string DurationInWords(absl::Duration duration);

// Three significant digits, without trailing zeros: "4.2", "0.705", "1234".
std::string NumberInWords(double value);

}  // namespace chatscale::recommender
