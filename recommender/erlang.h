// Erlang-C: how many servers keep the share of tasks that wait longer than `limit` below `share`.
//
//   P(W > limit) = C(m, a) * exp(-(m - a) * limit / S),   C = B / (1 - (a / m) * (1 - B))
//
// a = offered load in erlangs (arrivals per second x mean service time S), B = Erlang-B loss.
// Poisson arrivals and exponential service times are assumed; tasks of language models have
// heavier tails, so treat the answer as a floor and let the measured wait correct it.
#pragma once

namespace chatscale::recommender {

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

}  // namespace chatscale::recommender
