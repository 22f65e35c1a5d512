#include "recommender/connections.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "recommender/readings.h"

namespace chatscale::recommender {

namespace {

constexpr std::size_t kServers = 2;  // PostgreSQL, Redis
using Costs = std::array<std::array<double, kComponentCount>, kServers>;
using Counts = std::array<int, kComponentCount>;

struct Budget {
  std::array<double, kServers> plannable{};
  Costs cost{};  // connections of one replica; 0 when unknown
  double surge = 0;
};

double Use(const Budget& budget, std::size_t server, const Counts& counts) {
  double use = 0;
  for (std::size_t c = 0; c < kComponentCount; ++c) {
    use += (counts[c] + std::ceil(counts[c] * budget.surge)) * budget.cost[server][c];
  }
  return use;
}

// Whether growing `component` from `from` to `to` keeps every server it uses within its budget.
std::optional<Reason> Exceeds(const Budget& budget, const Counts& counts, std::size_t component) {
  constexpr std::array<Reason, kServers> kReasons = {Reason::kDbConnections,
                                                     Reason::kRedisConnections};
  for (std::size_t server = 0; server < kServers; ++server) {
    if (budget.cost[server][component] > 0 &&
        Use(budget, server, counts) > budget.plannable[server]) {
      return kReasons[server];
    }
  }
  return std::nullopt;
}

// Highest count of `component` up to `wanted` that fits beside the others; never below `floor`.
int Fit(const Budget& budget, Counts counts, std::size_t component, int floor, int wanted,
        std::optional<Reason>& reason) {
  int low = floor;
  int high = wanted;
  while (low < high) {
    const int middle = low + (high - low + 1) / 2;
    counts[component] = middle;
    const std::optional<Reason> exceeded = Exceeds(budget, counts, component);
    if (exceeded.has_value()) {
      reason = exceeded;
      high = middle - 1;
    } else {
      low = middle;
    }
  }
  return low;
}

MaybeNumber Plannable(MaybeNumber limit, const ConnectionPolicy& policy) {
  bool ignored = false;
  limit = Checked(limit, ignored);
  if (!limit.has_value() || *limit <= 0) return std::nullopt;
  return std::max(0.0, std::floor((*limit - policy.reserved) * (1 - policy.headroom)));
}

// Equal shares: both grow in small equal parts of what they asked for.
void GrowTogether(const Budget& budget, const Counts& floor, const Counts& wanted, Counts& granted,
                  std::array<std::optional<Reason>, kComponentCount>& reasons) {
  constexpr int kParts = 32;
  granted = floor;
  for (int part = 1; part <= kParts; ++part) {
    for (std::size_t c = 0; c < kComponentCount; ++c) {
      const int step =
          floor[c] + static_cast<int>(static_cast<long>(wanted[c] - floor[c]) * part / kParts);
      if (step <= granted[c]) continue;
      granted[c] = Fit(budget, granted, c, granted[c], step, reasons[c]);
    }
  }
}

}  // namespace

void LimitConnections(const BudgetPolicy& policy, const SharedSignals& shared, Claims& claims) {
  Counts floor{};
  Counts wanted{};
  bool grows = false;
  for (std::size_t c = 0; c < kComponentCount; ++c) {
    wanted[c] = claims[c].proposal.replicas;
    floor[c] = std::min(wanted[c], claims[c].granted);
    grows = grows || wanted[c] > floor[c];
  }
  if (!grows) return;

  const std::array<MaybeNumber, kServers> plannable = {
      Plannable(shared.postgres_limit, policy.postgres),
      Plannable(shared.redis_limit, policy.redis)};
  Budget budget;
  budget.surge = policy.surge;
  constexpr std::array<Reason, kServers> kUnknown = {Reason::kDbBudgetUnknown,
                                                     Reason::kRedisBudgetUnknown};
  ReasonList unknown;
  for (std::size_t c = 0; c < kComponentCount; ++c) {
    const std::array<MaybeNumber, kServers> cost = {claims[c].postgres_per_replica,
                                                    claims[c].redis_per_replica};
    for (std::size_t server = 0; server < kServers; ++server) {
      budget.plannable[server] = plannable[server].value_or(0);
      if (plannable[server].has_value()) budget.cost[server][c] = cost[server].value_or(0);
      const bool known = plannable[server].has_value() && cost[server].has_value();
      if (!known) unknown.Add(kUnknown[server]);
    }
  }
  for (std::size_t c = 0; c < kComponentCount; ++c) {
    if (wanted[c] > floor[c]) claims[c].unknown = unknown;
  }

  // What stays is the larger of advised and running; a component that shrinks frees its share only
  // once it has.
  Counts granted = floor;
  for (std::size_t c = 0; c < kComponentCount; ++c) {
    granted[c] = std::max(floor[c], claims[c].granted);
  }
  const Counts held = granted;
  std::array<std::optional<Reason>, kComponentCount> reasons{};
  const std::size_t first = claims[1].urgent || !claims[0].urgent ? 1 : 0;
  if (claims[0].urgent != claims[1].urgent) {
    for (const std::size_t c : {first, 1 - first}) {
      if (wanted[c] > held[c]) {
        granted[c] = Fit(budget, granted, c, held[c], wanted[c], reasons[c]);
      }
    }
  } else {
    Counts targets = wanted;
    for (std::size_t c = 0; c < kComponentCount; ++c) targets[c] = std::max(wanted[c], held[c]);
    GrowTogether(budget, held, targets, granted, reasons);
  }
  for (std::size_t c = 0; c < kComponentCount; ++c) {
    if (wanted[c] <= held[c] || granted[c] == wanted[c]) continue;
    claims[c].shortfall = wanted[c] - granted[c];
    claims[c].proposal.replicas = granted[c];
    claims[c].proposal.because.Add(reasons[c].value_or(Reason::kDbConnections));
  }
}

}  // namespace chatscale::recommender
