// The connection budget of PostgreSQL and Redis, shared by both services.
//
//   plannable = floor((limit - reserved) x (1 - headroom))
//   in use    = sum over services of (n + ceil(n x surge) + draining) x connections of one replica
//
// The budget blocks growth and never cuts: recommended replicas, running replicas and the minimum
// stay. When both services want to grow and not everything fits, an urgent service goes first;
// otherwise both get the same share. An unknown limit or cost limits nothing and is reported. Pure.
#pragma once

#include "recommender/guard_rails.h"
#include "recommender/policy.h"
#include "recommender/service.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

struct ConnectionDemand {
  Proposal proposal;
  int granted = 0;      // replicas that stay whatever the budget: recommended, running, minimum
  int draining = 0;     // draining replicas, which hold connections until they end
  bool urgent = false;  // Assessment::urgent
  MaybeNumber postgres_per_replica, redis_per_replica;
  ReasonList unknown;  // output: servers of unknown limit or cost, where growth was wanted
  int shortfall = 0;   // output: replicas refused
};

using ConnectionDemands = PerService<ConnectionDemand>;

void LimitConnections(const BudgetPolicy& policy, const SharedSignals& shared,
                      ConnectionDemands& claims);

}  // namespace chatscale::recommender
