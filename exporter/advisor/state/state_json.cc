#include "exporter/advisor/state/state_json.h"

#include <string>

#include "exporter/advisor/state/field_json.h"

namespace chatscale {
namespace {

using field_json::Reader;
using field_json::Writer;
using nlohmann::json;

bool IsConsistent(const recommender::SlidingMax& window) {
  return window.head <= window.entries.size();
}

}  // namespace

json StateJson(const recommender::State& state) { return Writer::Write(state); }

absl::StatusOr<recommender::State> StateFromJson(const json& from) {
  recommender::State state;
  std::string fault;
  recommender::VisitFields(state, Reader{from, &fault});
  for (const auto* component : {&state.ingress, &state.proc}) {
    for (const auto* window : {&component->need, &component->need_low, &component->seen}) {
      if (!IsConsistent(*window)) fault = "head";
    }
    if (component->desired.value_or(0) < 0) fault = "desired";
  }
  if (state.at == absl::InfiniteFuture()) fault = "at";
  if (fault.empty()) return state;
  return absl::InvalidArgumentError("state: field \"" + fault + "\" is not of its form");
}

json SignalsJson(const recommender::Signals& signals) { return Writer::Write(signals); }

absl::StatusOr<recommender::Signals> SignalsFromJson(const json& from) {
  recommender::Signals signals;
  std::string fault;
  recommender::VisitFields(signals, Reader{from, &fault});
  if (fault.empty()) return signals;
  return absl::InvalidArgumentError("signals: field \"" + fault + "\" is not of its form");
}

}  // namespace chatscale
