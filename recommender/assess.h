// Assessment: evaluates the rules and the sizing of one service, before any proposal is made.
//
// It updates the service's state (windows, rules).
#pragma once

#include "recommender/checked_signals.h"
#include "recommender/policy.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

struct Assessment {
  bool out_fires = false;    // any out-rule
  bool ahead_fires = false;  // the trigger: the load after the lead time would be too much
  bool step_fires = false;   // an out-rule with WhenSizingSuffices::kAddReplica: its measurement
                             // overrides a satisfied sizing
  bool in_fires = false;     // all in-rules
  bool in_known = false;     // no in-rule is unknown
  bool lost_work = false;    // most tasks leave the queue without a run: low values prove nothing
  bool orphans = false;      // claimed tasks without a live process are known
  bool urgent = false;       // a firing rule with RuleRow::urgent
  MaybeNumber trigger_need;  // need of the trigger; nullopt: the sizing's out_need
  MaybeNumber work_need;  // running tasks plus the slots that clear the backlog: lower bound of a
                          // starting count
  MaybeNumber running;    // running work: lower bound at any time
  // true: `need` is a real sizing. false: it is the bare demand, usable as a lower bound only.
  bool sized = false;
};

// Both fill `report.rules` and `report.sizing`, and read its startup_seconds. Requires: `now` is
// not earlier than any time in the state.
Assessment Assess(const Policy& policy, const CheckedIngress& checked, const Cadence& cadence,
                  absl::Time now, ServiceState& state, Recommendation& report);
Assessment Assess(const Policy& policy, CheckedProc checked, const Cadence& cadence, absl::Time now,
                  ServiceState& state, ProcMemory& memory, Recommendation& report);

// Share of the observed replicas that the recommendation accounts for: demand is measured against
// their capacity. A rollout or another Deployment adds observed replicas.
double OrderedShare(const CheckedSample& sample, const ServiceState& state);

}  // namespace chatscale::recommender
