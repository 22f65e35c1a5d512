#include "exporter/advisor/decisions/decision_json.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "exporter/advisor/decisions/recommendation_json.h"
#include "exporter/advisor/state/state_json.h"
#include "recommender/policy_fields.h"

namespace chatscale {

std::string DecisionJson(const Target& target, const ServiceAdvice& advised,
                         const DecisionInputs& inputs) {
  using nlohmann::json;
  const recommender::Recommendation& r = advised.recommendation;
  const json record = {{"timestamp", TimeJson(r.at)},
                       {"tenant", target.tenant},
                       {"project", target.project},
                       {"component", NameOf(r.service)},
                       {"decision", recommender::DecisionName(r.decision)},
                       {"suppressed", recommender::DecisionName(r.suppressed)},
                       {"from", r.previous ? json(*r.previous) : json()},
                       {"to", r.desired ? json(*r.desired) : json()},
                       {"raw", r.raw ? json(*r.raw) : json()},
                       {"limited", ReasonsJson(r.limited)},
                       {"notes", ReasonsJson(r.notes)},
                       {"sentence", advised.sentence},
                       {"rules", RulesJson(r)},
                       {"policy_hash", absl::StrFormat("%016x", PolicyHash(inputs.policy))},
                       {"signals", SignalsJson(inputs.signals)},
                       {"state", StateJson(inputs.state)}};
  return record.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace chatscale
