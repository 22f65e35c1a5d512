// Assessment: what one service's signals say at one tick, before any proposal is made.
//
// Updates the service's memory (windows, rules) and answers: which rules fire, how much is
// needed, how much one replica gives.
#pragma once

#include "recommender/policy.h"
#include "recommender/readings.h"
#include "recommender/recommendation.h"
#include "recommender/state.h"

namespace chatscale::recommender {

struct Assessment {
  bool out_fires = false;    // any out-rule
  bool ahead_fires = false;  // the load ahead would be too much, whatever the rules say
  bool step_fires = false;   // one whose measurement overrules a satisfied sizing
  bool in_fires = false;     // all in-rules
  bool in_known = false;     // no in-rule is unknown
  bool lost_work = false;    // tasks leave the queue without a run: quiet says nothing
  bool orphans = false;      // claimed tasks are known to have no live process
  bool urgent = false;       // queue wait is in breach
  MaybeNumber trigger_need;  // what ahead_fires asks for; nullopt: the sizing's out_need
  MaybeNumber work_need;     // what runs, and clears what waits: the least to start from
  MaybeNumber running;       // what runs: the least at any time
  // `need` is a real sizing. false: it is the bare demand, good as a floor only.
  bool sized = false;
};

// Both fill `report.rules` and `report.sizing`, and read its startup_seconds. Requires: `now` >=
// every time in the state.
Assessment Assess(const Policy& policy, const IngressReadings& readings, const Cadence& cadence,
                  absl::Time now, ServiceState& state, Recommendation& report);
Assessment Assess(const Policy& policy, ProcReadings readings, const Cadence& cadence,
                  absl::Time now, ServiceState& state, ProcMemory& memory, Recommendation& report);

// Of the replicas observed those that run by our word: the part of capacity that demand is measured
// against. During a rollout, or beside another Deployment, more are observed.
double OrderedShare(const SampleReadings& sample, const ServiceState& state);

}  // namespace chatscale::recommender
