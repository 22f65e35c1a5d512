// Explanation: one plain sentence about a recommendation.
//
//   proc: 3 → 5 replicas: queue wait p95 4.2 s has been above 3 s for 2 min 15 s; 41 tasks waiting
//   need 2 more replicas to drain in 60 s.
#pragma once

#include <string>
#include <string_view>

#include "recommender/recommendation.h"

namespace chatscale::recommender {

std::string Explain(const Recommendation& recommendation);

// Three significant digits, or all digits before the point; never an exponent.
std::string PlainNumber(double value);
// Followed by the unit: "4.2 s", "12 tasks/min".
std::string PlainNumber(double value, PolicyUnit unit);

std::string_view InWords(Comparison comparison);  // "above", "at or above"

// "2 min 15 s", "1 h 5 min", "45 s".
std::string PlainDuration(absl::Duration duration);

}  // namespace chatscale::recommender
