// Recommendation JSON for autoscalers, people and records. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "exporter/model/target.h"
#include "exporter/model/view.h"

namespace chatscale {

// Flat, for autoscalers (KEDA's metrics-api scaler: valueLocation "desired_replicas"):
//   {"tenant","project","component","valid","desired_replicas","raw_desired_replicas",
//    "compensated_desired_replicas","ratio_percent","current_replicas","min_replicas",
//    "max_replicas","decision","sentence","limited":[],"notes":[],"evaluated_at",
//    "input_age_seconds","rules":[],"sizing":{}}
// Unknown values are null. In a dry run "dry_run" is true, the values on which autoscalers act are
// null, and "dry_run_desired_replicas" has the count.
nlohmann::json RecommendationJson(const Target& target, const Recommendations& recommendations,
                                  Service service);

// The names of the reasons.
nlohmann::json ReasonsJson(const recommender::ReasonList& reasons);

// For each rule: "rule", "direction", "state", "value", "threshold", "since" (Unix time),
// "for_seconds" and "desired_replicas".
nlohmann::json RulesJson(const recommender::Recommendation& recommendation);

// Unix seconds at a double's precision; null for an infinite time.
nlohmann::json TimeJson(absl::Time time);

}  // namespace chatscale
