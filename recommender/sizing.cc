#include "recommender/sizing.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chatscale::recommender {

namespace {

// Above it the sums of Erlang-B are long, and the Halfin-Whitt limit is as accurate: "Heavy-traffic
// limits for queues with many exponential servers" (Operations Research 29, 1981).
constexpr double kManyServers = 1e5;

double HalfinWhittC(double n, double a) {
  const double beta = (n - a) / std::sqrt(a);
  const double density = std::exp(-beta * beta / 2) / std::sqrt(2 * std::numbers::pi);
  const double below = std::erfc(-beta / std::numbers::sqrt2) / 2;
  return density / (density + beta * below);
}

// 1 / B(n, a) = 1 + n/a + n(n-1)/a^2 + ... All terms are positive, so nothing cancels. Past the
// mode they fall fast; about six times sqrt(a) of them matter.
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
  // From the smallest stable count upwards: 1/B(n) = 1 + (n/a) / B(n-1), and each further server
  // shrinks the tail by the same factor.
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

namespace {

// Plausible bounds, which also bound the loops of Erlang-C.
constexpr double kMostSlots = 1e7;
constexpr double kLongestSeconds = 7 * 86400;

}  // namespace

double IngressNeed(double streams, const IngressPolicy::Sizing& policy) {
  return streams / policy.target;
}

ProcNeed SlotsFor(const ProcLoad& load, absl::Duration lead, const ProcPolicy::Sizing& policy) {
  const double s = std::clamp(load.service_seconds, 1e-3, kLongestSeconds);
  const double growth = load.growth * absl::ToDoubleSeconds(lead);
  const bool backed_up = load.waiting > 0;
  // While tasks wait, growth joins the queue; otherwise it runs.
  const double offered = load.busy + load.growth * s + (backed_up ? 0 : growth);
  const double backlog = load.waiting + (backed_up ? growth : 0);
  return SlotsForLoad(offered, 1, backlog, s, policy.wait_share, policy);
}

ProcNeed SlotsForLoad(double load, double peakedness, double waiting, double service_seconds,
                      double share, const ProcPolicy::Sizing& policy) {
  const double s = std::clamp(service_seconds, 1e-3, kLongestSeconds);
  const double offered = std::clamp(load, 0.0, kMostSlots);
  ProcNeed need;
  need.drain_slots =
      std::clamp(waiting, 0.0, kMostSlots) * std::min(1.0, s / absl::ToDoubleSeconds(policy.drain));
  need.slots =
      std::max(offered, ServersForWait(offered, s, {policy.wait_limit, share}, peakedness)) +
      need.drain_slots;
  return need;
}

MaybeNumber MeanServiceSeconds(MaybeNumber p50, MaybeNumber p95) {
  constexpr double kNormalP95 = 1.645;
  if (!p50.has_value() || *p50 <= 0) return std::nullopt;
  if (!p95.has_value() || *p95 <= *p50) return p50;
  const double sigma = std::min(2.0, std::log(*p95 / *p50) / kNormalP95);
  return *p50 * std::exp(sigma * sigma / 2);
}

std::optional<int> ReplicasFor(const MaybeNumber& need, const MaybeNumber& per_replica) {
  constexpr double kRounding = 1e-9;
  constexpr double kMost = 1e6;
  if (!need.has_value() || !per_replica.has_value() || *per_replica <= 0) return std::nullopt;
  if (!std::isfinite(*need)) return std::nullopt;
  return static_cast<int>(std::min(kMost, std::ceil(*need / *per_replica - kRounding)));
}

}  // namespace chatscale::recommender
