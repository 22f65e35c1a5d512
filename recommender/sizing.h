// Sizing: demand -> replicas in absolute terms; current x ratio would amplify a wrong count.
//
//   ingress   need = streams / target                                 [streams of capacity]
//   proc      need = Erlang-C slots for P(wait > limit) <= share      [slots]
//                    + waiting x S / drain
//   replicas  ceil(need / capacity of one replica)
//
// The load of proc comes from arrivals (arrivals.h) or, where unknown, from running tasks and
// growth. Pure.
#pragma once

#include <optional>

#include "recommender/policy.h"
#include "recommender/recommendation.h"

namespace chatscale::recommender {

// Erlang-C: servers that keep the share of tasks waiting longer than `limit` at or below `share`.
//
//   P(W > limit) = C(m, a) * exp(-(m - a) * limit / S),   C = B / (1 - (a / m) * (1 - B))
//
// a = offered load in erlangs (arrivals per second x mean service time S), B = Erlang-B loss.
// Assumes Poisson arrivals and exponential service times. Language-model tasks have heavier tails:
// treat the result as a lower bound, which the measured wait corrects.
struct WaitTarget {
  double limit_seconds = 0;
  double share = 0.05;  // of tasks that may wait longer
};

// Share of tasks that wait longer than the limit, 0..1; 1 when servers <= load.
double ShareWaitingLonger(double servers, double load, double service_seconds,
                          double limit_seconds);

// The same for arrivals of a peakedness z above 1, by Hayward's approximation: servers and load are
// divided by z. Fredericks, "Congestion in blocking systems" (BSTJ 59, 1980).
double ShareWaitingLonger(double servers, double load, double service_seconds, double limit_seconds,
                          double peakedness);

// Smallest number of servers, at least ceil(load). Cost grows with the square root of the load.
// Requires: 0 <= load <= 1e9, service_seconds > 0, 0 < share < 1.
double ServersForWait(double load, double service_seconds, const WaitTarget& target);
double ServersForWait(double load, double service_seconds, const WaitTarget& target,
                      double peakedness);

double IngressNeed(double streams, const IngressPolicy::Sizing& policy);

struct ProcLoad {
  double busy = 0;     // running tasks
  double waiting = 0;  // unclaimed tasks
  double growth = 0;   // tasks per second by which busy + waiting grows; 0 when it shrinks
  double service_seconds = 0;
};

struct ProcNeed {
  double slots = 0;
  double drain_slots = 0;  // part of `slots` that clears the backlog
};

// Offered load is busy + growth x S (Little: served tasks plus the ones that pile up). Sizes for
// the load and the backlog after `lead`.
ProcNeed SlotsFor(const ProcLoad& load, absl::Duration lead, const ProcPolicy::Sizing& policy);

// The same for measured arrivals: `load` slots of offered load, plus `waiting` tasks.
ProcNeed SlotsForLoad(double load, double peakedness, double waiting, double service_seconds,
                      double share, const ProcPolicy::Sizing& policy);

// Mean of a lognormal execution time from two percentiles: p50 x exp(sigma^2 / 2), with sigma =
// ln(p95 / p50) / 1.645. nullopt without p50; p50 alone when p95 is unknown.
MaybeNumber MeanServiceSeconds(MaybeNumber p50, MaybeNumber p95);

// ceil(need / per_replica), tolerating rounding errors; nullopt when either is unknown.
std::optional<int> ReplicasFor(const MaybeNumber& need, const MaybeNumber& per_replica);

}  // namespace chatscale::recommender
