#include "recommender/recommendation.h"

namespace chatscale::recommender {

std::string_view DecisionName(Decision decision) {
  switch (decision) {
    case Decision::kScaleOut:
      return "scale_out";
    case Decision::kHold:
      return "hold";
    case Decision::kScaleIn:
      return "scale_in";
  }
  return "";
}

std::string_view RuleStatusName(RuleStatus status) {
  switch (status) {
    case RuleStatus::kInactive:
      return "inactive";
    case RuleStatus::kPending:
      return "pending";
    case RuleStatus::kActive:
      return "active";
    case RuleStatus::kNoData:
      return "no_data";
    case RuleStatus::kOff:
      return "off";
  }
  return "";
}

}  // namespace chatscale::recommender
