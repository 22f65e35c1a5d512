#include "recommender/recommendation.h"

#include <algorithm>

namespace chatscale::recommender {

const ReasonText& Text(Reason reason) {
  static constexpr std::array<ReasonText, kReasonCount> kTexts = {{
      {"stabilization", "Demand was higher within the stabilization window."},
      {"small_change", "The change is too small to be worth making."},
      {"warm_up", "Demand has not been observed for a full in-window yet."},
      {"step", "The step limit of the period is reached."},
      {"settling", "An earlier step has not shown in the signals yet."},
      {"min", "The minimum replica count applies."},
      {"max", "The maximum replica count applies."},
      {"db_connections", "The connection budget of PostgreSQL blocks growth."},
      {"redis_connections", "The connection budget of Redis blocks growth."},
      {"stale_input", "The input is missing or too old."},
      {"partial_input", "The input is incomplete."},
      {"no_replicas", "No healthy replica is observed."},
      {"outage", "Replicas vanished at once; that is an outage until it has lasted."},
      {"first_view", "The view of the fleet may not be whole yet."},
      {"lost_work", "Tasks leave the queue without being run."},
      {"override", "An override of the policy applies."},
      {"started", "Started from the observed count; there was no state."},
      {"resumed", "Started again after the input had been gone for long."},
      {"surplus",
       "More replicas run than are recommended: another Deployment, a rollout that hangs, or an "
       "autoscaler with other bounds."},
      {"shortage", "Fewer replicas run than are recommended."},
      {"blocked", "Tasks wait beside free slots that take none."},
      {"orphaned", "Claimed tasks have no live process."},
      {"draining", "Draining replicas are not counted."},
      {"doubted", "The queue has fewer tasks than its processes run: it is unknown."},
      {"db_budget_unknown", "The limit of PostgreSQL, or the use of a replica, is unknown."},
      {"redis_budget_unknown", "The limit of Redis, or the use of a replica, is unknown."},
      {"load_ahead", "The load ahead would be too much."},
      {"overrun", "More runs than the recommended replicas can take."},
  }};
  return kTexts[static_cast<std::size_t>(reason)];
}

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

bool StartedAnew(const Recommendation& recommendation) {
  return recommendation.notes.Has(Reason::kStarted) || recommendation.notes.Has(Reason::kResumed);
}

bool WorthRecording(const Recommendation& recommendation, const Recommendation& previous) {
  if (recommendation.decision != Decision::kHold || StartedAnew(recommendation)) return true;
  if (recommendation.suppressed == Decision::kHold) return false;
  return recommendation.suppressed != previous.suppressed ||
         recommendation.limited != previous.limited;
}

int CompensateForTolerance(int desired, int current) {
  const long band_end = 11L * current;  // tenths of a replica
  const bool swallowed = desired > current && 10L * desired <= band_end;
  return swallowed ? static_cast<int>(band_end / 10) + 1 : desired;
}

AutoscalerValues AutoscalerValuesOf(const Recommendation& recommendation) {
  AutoscalerValues values;
  values.age = recommendation.input_age;
  values.valid = recommendation.valid();
  if (!values.valid) return values;
  const int desired = *recommendation.desired;
  const int current = recommendation.current.value_or(0);
  values.desired = desired;
  values.raw = recommendation.raw;
  values.compensated = CompensateForTolerance(desired, current);
  const int counted = std::min(current, std::max(recommendation.ordered, desired));
  if (counted > 0) values.ratio_percent = 100.0 * desired / counted;
  return values;
}

}  // namespace chatscale::recommender
