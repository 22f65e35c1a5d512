#include "recommender/guard_rails.h"

#include <algorithm>
#include <cmath>

namespace chatscale::recommender {

namespace {

Proposal Limit(Proposal proposal, int replicas, Reason reason) {
  if (replicas == proposal.replicas) return proposal;
  proposal.replicas = replicas;
  proposal.reasons.Add(reason);
  return proposal;
}

// Replicas that may be added to or removed from `start` within one period.
int Allowance(const StepPolicy& policy, int start) {
  const double percent = std::ceil(start * policy.percent / 100);
  return std::max(policy.replicas, static_cast<int>(std::min(percent, 1e6)));
}

}  // namespace

Proposal Stabilize(Proposal proposal, int last, const StabilizationInput& input) {
  if (proposal.replicas > last && input.lowest.has_value()) {
    const int limit = std::max(last, *input.lowest);
    return Limit(proposal, std::min(proposal.replicas, limit), Reason::kStabilization);
  }
  if (proposal.replicas >= last) return proposal;
  if (!input.full_window) return Limit(proposal, last, Reason::kWarmUp);
  if (input.after_out) return Limit(proposal, last, Reason::kSettling);
  if (input.highest.has_value()) {
    const int floor = std::min(last, *input.highest);
    proposal = Limit(proposal, std::max(proposal.replicas, floor), Reason::kStabilization);
  }
  const int change = last - proposal.replicas;
  if (change > 0 && change < input.min_change * last) {
    return Limit(proposal, last, Reason::kSmallChange);
  }
  return proposal;
}

Proposal LimitStep(Proposal proposal, int last, const std::vector<Change>& changes,
                   const StepPolicy& out, const StepPolicy& in, absl::Time now) {
  if (proposal.replicas == last) return proposal;
  const bool grows = proposal.replicas > last;
  const StepPolicy& policy = grows ? out : in;
  int net = 0;
  for (const Change& change : changes) {
    if (now - change.at < policy.period) net += change.delta;
  }
  const int start = last - net;
  const int allowed = Allowance(policy, start);
  if (grows) {
    const int limit = std::max(last, start + allowed);
    return Limit(proposal, std::min(proposal.replicas, limit), Reason::kStep);
  }
  const int limit = std::min(last, start - allowed);
  return Limit(proposal, std::max(proposal.replicas, limit), Reason::kStep);
}

ReplicaPolicy BoundsAt(const ReplicaPolicy& policy, absl::Time now) {
  const ReplicaOverride& temporary = policy.temporary;
  if (now >= temporary.until) return {.min = policy.min, .max = policy.max};
  return {.min = temporary.min > 0 ? temporary.min : policy.min,
          .max = temporary.max > 0 ? temporary.max : policy.max,
          .temporary = temporary};
}

Proposal Clamp(Proposal proposal, const ReplicaPolicy& bounds) {
  const ReplicaOverride& temporary = bounds.temporary;
  proposal = Limit(proposal, std::max(proposal.replicas, bounds.min),
                   temporary.min > 0 ? Reason::kOverride : Reason::kMin);
  return Limit(proposal, std::min(proposal.replicas, bounds.max),
               temporary.max > 0 ? Reason::kOverride : Reason::kMax);
}

Proposal HoldOnBadInput(Proposal proposal, int last, const InputProblems& problems,
                        const ReplicaPolicy& bounds) {
  const int held = std::clamp(last, bounds.min, bounds.max);
  if (problems.stale) {
    // Always named, also where no rule proposed a change: stale input evaluates no rule.
    proposal.replicas = held;
    proposal.reasons.Add(Reason::kStaleInput);
    return proposal;
  }
  if (problems.no_replicas) return Limit(proposal, held, Reason::kNoReplicas);
  if (problems.partial && proposal.replicas < held) {
    return Limit(proposal, held, Reason::kPartialInput);
  }
  if (problems.outage && proposal.replicas < held) {
    return Limit(proposal, held, Reason::kOutage);
  }
  if (problems.lost_work && proposal.replicas < held) {
    return Limit(proposal, held, Reason::kLostWork);
  }
  return proposal;
}

}  // namespace chatscale::recommender
