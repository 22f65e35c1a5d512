// Example. PostgreSQL accepts 100 connections, 10 are reserved, the headroom is 10 %: the budget is
// floor((100 - 10) x 0.9) = 81. Ingress runs 2 replicas of 8 connections each, proc 3 of 10, and
// the surge of a rollout is 25 %: in use are (2 + 1) x 8 + (3 + 1) x 10 = 64.
//   Proc wants 5:  (2 + 1) x 8 + (5 + 2) x 10 = 94, too many;
//   4 would make:  (2 + 1) x 8 + (4 + 1) x 10 = 74, which fits.
// Proc is granted 4, one less than proposed, with the reason `db_connections`.
#include "recommender/connections.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "recommender/checked_signals.h"

namespace chatscale::recommender {

namespace {

// A server with a connection budget: PostgreSQL or Redis.
struct Server {
  MaybeNumber plannable;         // connections; nullopt: unknown
  PerService<MaybeNumber> cost;  // of one replica
  Reason exceeded{};
  Reason unknown{};
};
using Servers = std::array<Server, 2>;
using Counts = PerService<int>;  // replicas

MaybeNumber Plannable(MaybeNumber limit, const ConnectionPolicy& policy) {
  if (!limit.has_value() || *limit == 0 || !IsPlausible(*limit)) return std::nullopt;
  return std::max(0.0, std::floor((*limit - policy.reserved) * (1 - policy.headroom)));
}

Servers ServersOf(const BudgetPolicy& policy, const SharedSignals& shared,
                  const ConnectionDemands& claims) {
  return {{{Plannable(shared.postgres_limit, policy.postgres),
            {claims.ingress.postgres_per_replica, claims.proc.postgres_per_replica},
            Reason::kDbConnections,
            Reason::kDbBudgetUnknown},
           {Plannable(shared.redis_limit, policy.redis),
            {claims.ingress.redis_per_replica, claims.proc.redis_per_replica},
            Reason::kRedisConnections,
            Reason::kRedisBudgetUnknown}}};
}

// Connections of `counts` replicas with the surge of a rollout. An unknown cost counts as 0.
double Use(const Server& server, const Counts& counts, const Counts& draining, double surge) {
  double use = 0;
  for (const Service service : kServices) {
    const int replicas = counts[service];
    use += (replicas + std::ceil(replicas * surge) + draining[service]) *
           server.cost[service].value_or(0);
  }
  return use;
}

struct Budget {
  Servers servers;
  double surge;
  Counts draining;
  PerService<std::optional<Reason>> refused{};  // why a service got fewer replicas than proposed

  // The first server used by `service` whose budget `counts` exceeds.
  std::optional<Reason> Exceeded(const Counts& counts, Service service) const {
    for (const Server& server : servers) {
      const bool used = server.plannable.has_value() && server.cost[service].value_or(0) > 0;
      if (used && Use(server, counts, draining, surge) > *server.plannable) return server.exceeded;
    }
    return std::nullopt;
  }

  // Grows `service` in `counts` towards `wanted`, up to the highest count that fits. Use is
  // monotonic in the count, so a binary search finds it.
  void Grow(Service service, int wanted, Counts& counts) {
    int low = counts[service];
    while (low < wanted) {
      const int middle = low + (wanted - low + 1) / 2;
      counts[service] = middle;
      if (const auto exceeded = Exceeded(counts, service)) {
        refused[service] = exceeded;
        wanted = middle - 1;
      } else {
        low = middle;
      }
    }
    counts[service] = low;
  }
};

// Both grow alternately, in 32 equal parts of their proposals.
void GrowTogether(const Counts& wanted, Budget& budget, Counts& counts) {
  constexpr int kParts = 32;
  const Counts from = counts;
  for (int part = 1; part <= kParts; ++part) {
    for (const Service service : kServices) {
      const long whole = std::max(0, wanted[service] - from[service]);
      const int step = from[service] + static_cast<int>(whole * part / kParts);
      budget.Grow(service, step, counts);
    }
  }
}

}  // namespace

void LimitConnections(const BudgetPolicy& policy, const SharedSignals& shared,
                      ConnectionDemands& claims) {
  // Replicas count as held until they are gone, also while their service shrinks.
  const Counts held{claims.ingress.granted, claims.proc.granted};
  const Counts wanted{claims.ingress.proposal.replicas, claims.proc.proposal.replicas};
  const auto grows = [&](Service service) { return wanted[service] > held[service]; };
  if (!grows(Service::kIngress) && !grows(Service::kProc)) return;

  Budget budget{ServersOf(policy, shared, claims),
                policy.surge,
                {claims.ingress.draining, claims.proc.draining}};
  for (const Service service : kServices) {
    if (!grows(service)) continue;
    for (const Server& server : budget.servers) {
      const bool known = server.plannable.has_value() && server.cost.ingress.has_value() &&
                         server.cost.proc.has_value();
      if (!known) claims[service].unknown.Add(server.unknown);
    }
  }

  Counts granted = held;
  if (claims.ingress.urgent == claims.proc.urgent) {
    GrowTogether(wanted, budget, granted);
  } else {
    const Service first = claims.proc.urgent ? Service::kProc : Service::kIngress;
    for (const Service service : {first, TheOther(first)}) {
      budget.Grow(service, wanted[service], granted);
    }
  }
  for (const Service service : kServices) {
    if (!grows(service) || granted[service] == wanted[service]) continue;
    ConnectionDemand& claim = claims[service];
    claim.shortfall = wanted[service] - granted[service];
    claim.proposal.replicas = granted[service];
    claim.proposal.reasons.Add(budget.refused[service].value_or(Reason::kDbConnections));
  }
}

}  // namespace chatscale::recommender
