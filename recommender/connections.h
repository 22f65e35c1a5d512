// The connection budget of PostgreSQL and Redis, shared by both services.
//
//   plannable = floor((limit - reserved) x (1 - headroom))
//   in use    = sum over services of (n + ceil(n x surge) + draining) x connections of one replica
//
// A cap blocks growth, it never cuts: what was advised or runs already, and the minimum, stay.
// When both want to grow and not all fits, a service in breach goes first, else both get the
// same share. An unknown limit or cost caps nothing, and is reported. Pure.
#pragma once

#include "recommender/guard_rails.h"
#include "recommender/policy.h"
#include "recommender/service.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

struct Claim {
  Proposal proposal;
  int granted = 0;      // replicas that stay whatever the budget: advised, running, minimum
  int draining = 0;     // replicas that hold connections beside them until they have ended
  bool urgent = false;  // its queue wait is in breach
  MaybeNumber postgres_per_replica, redis_per_replica;
  ReasonList unknown;  // out: wanted to grow, and these servers' limit or cost was not known
  int shortfall = 0;   // out: replicas refused
};

using Claims = PerService<Claim>;

void LimitConnections(const BudgetPolicy& policy, const SharedSignals& shared, Claims& claims);

}  // namespace chatscale::recommender
