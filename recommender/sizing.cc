#include "recommender/sizing.h"

#include <algorithm>
#include <cmath>

#include "recommender/erlang.h"

namespace chatscale::recommender {

namespace {

// Bounds of what can be meant: beyond them the loops of Erlang-C would not end.
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
  // While tasks wait, what arrives beyond the offered load joins the queue; otherwise it runs.
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
