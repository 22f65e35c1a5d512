#include "exporter/advisor/decision_json.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "exporter/advisor/recommendation_json.h"
#include "exporter/state/state_json.h"

namespace chatscale {

std::string DecisionJson(const Target& target, const ComponentAdvice& component,
                         const DecisionInputs& inputs) {
  using nlohmann::json;
  const recommender::Recommendation& r = component.recommendation;
  const json record = {
      {"timestamp", TimeJson(r.at)},
      {"tenant", target.tenant},
      {"project", target.project},
      {"component", recommender::kComponentNames[static_cast<std::size_t>(r.component)]},
      {"decision", recommender::DecisionName(r.decision)},
      {"suppressed", recommender::DecisionName(r.suppressed)},
      {"from", r.previous ? json(*r.previous) : json()},
      {"to", r.desired ? json(*r.desired) : json()},
      {"raw", r.raw ? json(*r.raw) : json()},
      {"limited", ReasonsJson(r.limited)},
      {"notes", ReasonsJson(r.notes)},
      {"sentence", component.sentence},
      {"rules", RulesJson(r)},
      {"policy_hash", absl::StrFormat("%016x", inputs.policy_hash)},
      {"signals", SignalsJson(inputs.signals)},
      {"state", StateJson(inputs.state)}};
  return record.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace chatscale
