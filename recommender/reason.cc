#include "recommender/reason.h"

namespace chatscale::recommender {

const ReasonText& Text(Reason reason) {
  static constexpr std::array<ReasonText, kReasonCount> kTexts = {{
      {"stabilization", "Demand within the window asks for more than it does now."},
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
      {"db_budget_unknown",
       "The limit of PostgreSQL, or what a replica takes of it, is not known."},
      {"redis_budget_unknown", "The limit of Redis, or what a replica takes of it, is not known."},
      {"load_ahead", "The load ahead would be too much."},
      {"overrun", "More runs than the recommended replicas can take."},
  }};
  return kTexts[static_cast<std::size_t>(reason)];
}

}  // namespace chatscale::recommender
