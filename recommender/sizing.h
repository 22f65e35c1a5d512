// Demand -> replicas, absolutely: never current x ratio, so a wrong count cannot feed itself.
//
//   ingress   need = streams / target                                 [streams of capacity]
//   proc      need = Erlang-C slots for P(wait > limit) <= share      [slots]
//                    + waiting x S / drain; the load measured from what arrives (arrivals.h), or,
//                    where that is not known, from what runs and how it grows
//   replicas  ceil(need / capacity of one replica)
//
// Pure.
#pragma once

#include <optional>

#include "recommender/policy.h"
#include "recommender/recommendation.h"

namespace chatscale::recommender {

// Erlang-C: how many servers keep the share of tasks that wait longer than `limit` below `share`.
//
//   P(W > limit) = C(m, a) * exp(-(m - a) * limit / S),   C = B / (1 - (a / m) * (1 - B))
//
// a = offered load in erlangs (arrivals per second x mean service time S), B = Erlang-B loss.
// Poisson arrivals and exponential service times are assumed; tasks of language models have
// heavier tails, so treat the answer as a floor and let the measured wait correct it.

struct WaitTarget {
  double limit_seconds = 0;
  double share = 0.05;  // of tasks that may wait longer
};

// Share of tasks that wait longer than the limit, 0..1. 1 when servers <= load.
double ShareWaitingLonger(double servers, double load, double service_seconds,
                          double limit_seconds);

// Of arrivals that are more uneven than Poisson's, by Hayward's approximation: as z times fewer
// servers for z times less load. Fredericks, "Congestion in blocking systems" (BSTJ 59, 1980).
double ShareWaitingLonger(double servers, double load, double service_seconds, double limit_seconds,
                          double peakedness);

// Fewest servers, at least ceil(load). Cost grows with the square root of the load. Requires:
// 0 <= load <= 1e9, service_seconds > 0, 0 < share < 1.
double ServersForWait(double load, double service_seconds, const WaitTarget& target);
double ServersForWait(double load, double service_seconds, const WaitTarget& target,
                      double peakedness);

double IngressNeed(double streams, const IngressPolicy::Sizing& policy);

struct ProcLoad {
  double busy = 0;     // running tasks
  double waiting = 0;  // tasks nobody works on yet
  double growth = 0;   // tasks per second by which both together grow; 0 when shrinking
  double service_seconds = 0;
};

struct ProcNeed {
  double slots = 0;
  double drain_slots = 0;  // part of `slots` that clears the backlog
};

// Offered load is busy + growth x S (Little: what is served plus what piles up). `lead`: size for
// the load and the backlog of that much later.
ProcNeed SlotsFor(const ProcLoad& load, absl::Duration lead, const ProcPolicy::Sizing& policy);

// The same for what arrives: `load` slots of offered load, `waiting` tasks beside it.
ProcNeed SlotsForLoad(double load, double peakedness, double waiting, double service_seconds,
                      double share, const ProcPolicy::Sizing& policy);

// Mean execution time from two percentiles, lognormal: p50 x exp(sigma^2 / 2), where
// sigma = ln(p95 / p50) / 1.645. nullopt without p50; p50 alone when p95 is unknown.
MaybeNumber MeanServiceSeconds(MaybeNumber p50, MaybeNumber p95);

// ceil, forgiving rounding noise; nullopt when either is unknown.
std::optional<int> ReplicasFor(const MaybeNumber& need, const MaybeNumber& per_replica);

}  // namespace chatscale::recommender
