#include "recommender/erlang.h"

#include <cmath>
#include <numbers>

namespace chatscale::recommender {

namespace {

// Beyond it the sums of Erlang-B are long, and Halfin and Whitt's limit is as good: "Heavy-traffic
// limits for queues with many exponential servers" (Operations Research 29, 1981).
constexpr double kManyServers = 1e5;

double HalfinWhittC(double n, double a) {
  const double beta = (n - a) / std::sqrt(a);
  const double density = std::exp(-beta * beta / 2) / std::sqrt(2 * std::numbers::pi);
  const double below = std::erfc(-beta / std::numbers::sqrt2) / 2;
  return density / (density + beta * below);
}

// 1 / B(n, a) = 1 + n/a + n(n-1)/a^2 + ... : all terms are positive, so nothing cancels, and past
// the mode they fall fast; about six times sqrt(a) of them matter.
double InverseErlangB(double n, double a) {
  constexpr double kNegligible = 1e-12;
  const double inverse_load = 1 / a;
  double term = 1;
  double sum = 1;
  for (double left = n; left >= 1; left -= 1) {
    term *= left * inverse_load;
    sum += term;
    if (term < kNegligible * sum || std::isinf(sum)) break;
  }
  return sum;
}

// C from 1/B without leaving (0, 1].
double ErlangC(double inverse_b, double n, double a) {
  if (std::isinf(inverse_b)) return 0;
  return 1 / (inverse_b - (a / n) * (inverse_b - 1));
}

}  // namespace

double ShareWaitingLonger(double servers, double load, double service_seconds,
                          double limit_seconds) {
  if (load <= 0) return 0;
  if (servers <= load) return 1;
  const double waits = servers > kManyServers
                           ? HalfinWhittC(servers, load)
                           : ErlangC(InverseErlangB(servers, load), servers, load);
  return waits * std::exp(-(servers - load) * limit_seconds / service_seconds);
}

double ServersForWait(double load, double service_seconds, const WaitTarget& target) {
  if (load <= 0) return 0;
  // From the first stable count upwards, one server at a time: 1/B(n) = 1 + (n/a) / B(n-1), and
  // each server shortens the tail by the same factor.
  double n = std::floor(load) + 1;
  if (n > kManyServers) {
    const double limit = target.limit_seconds;
    while (ShareWaitingLonger(n, load, service_seconds, limit) > target.share) n += 1;
    return n;
  }
  double inverse_b = InverseErlangB(n, load);
  const double shrink = std::exp(-target.limit_seconds / service_seconds);
  double tail = std::exp(-(n - load) * target.limit_seconds / service_seconds);
  while (ErlangC(inverse_b, n, load) * tail > target.share) {
    n += 1;
    inverse_b = 1 + (n / load) * inverse_b;
    tail *= shrink;
  }
  return n;
}

double ShareWaitingLonger(double servers, double load, double service_seconds, double limit_seconds,
                          double peakedness) {
  return ShareWaitingLonger(servers / peakedness, load / peakedness, service_seconds,
                            limit_seconds);
}

double ServersForWait(double load, double service_seconds, const WaitTarget& target,
                      double peakedness) {
  return peakedness * ServersForWait(load / peakedness, service_seconds, target);
}

}  // namespace chatscale::recommender
