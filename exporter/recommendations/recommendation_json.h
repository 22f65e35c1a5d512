// A recommendation as JSON, for autoscalers, people and records. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "exporter/model/advice.h"
#include "exporter/model/target.h"

namespace chatscale {

// Flat where an autoscaler reads (KEDA's metrics-api scaler: valueLocation "desired_replicas"):
//   {"tenant","project","component","valid","desired_replicas","raw_desired_replicas",
//    "compensated_desired_replicas","ratio_percent","current_replicas","min_replicas",
//    "max_replicas","decision","sentence","limited":[],"notes":[],"evaluated_at",
//    "input_age_seconds","rules":[],"sizing":{}}
// What is not known is null. "dry_run" is true in a dry run: what is acted on is null then, and
// "dry_run_desired_replicas" has what would be advised.
nlohmann::json RecommendationJson(const Target& target, const Advice& advice, Service service);

// The names in a list of reasons.
nlohmann::json ReasonsJson(const recommender::ReasonList& reasons);

// "saturation", "out", state, value, threshold, since (Unix time) and required seconds of each
// rule.
nlohmann::json RulesJson(const recommender::Recommendation& recommendation);

// Seconds since 1970, with nanoseconds' precision as far as a double goes; null at infinity.
nlohmann::json TimeJson(absl::Time time);

}  // namespace chatscale
