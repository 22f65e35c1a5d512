#include "recommender/propose.h"

#include <algorithm>

#include "recommender/sizing.h"

namespace chatscale::recommender {

namespace {

Proposal StepOut(const ProposeInput& input) {
  Proposal proposal{input.last, {}};
  const bool arrived = !input.current.has_value() || *input.current >= input.last;
  if (input.since_change < input.settle || !arrived) {
    proposal.reasons.Add(Reason::kSettling);
    return proposal;
  }
  // Not from the observed count, which doubles during a rollout.
  proposal.replicas = input.last + 1;
  return proposal;
}

Proposal ScaleOut(const Assessment& assessment, const SizingReport& sizing,
                  const ProposeInput& input) {
  if (!assessment.sized) return StepOut(input);
  const double need = std::max(sizing.window_need.value_or(0), sizing.out_need.value_or(0));
  const int want = ReplicasFor(need, sizing.per_replica).value_or(0);
  if (want > input.last) return {want, {}};
  // Sizing is satisfied. A percentile is outdated once no task waits.
  const bool history = sizing.waiting.has_value() && *sizing.waiting <= 0;
  if (assessment.step_fires && !history) return StepOut(input);
  return {input.last, {}};
}

int ScaleOutAhead(const Assessment& assessment, const SizingReport& sizing,
                  const ProposeInput& input) {
  const MaybeNumber need =
      assessment.trigger_need.has_value() ? assessment.trigger_need : sizing.out_need;
  return std::max(input.last, ReplicasFor(need, sizing.per_replica).value_or(0));
}

Proposal ScaleIn(const Assessment& assessment, const SizingReport& sizing,
                 const ProposeInput& input) {
  if (assessment.sized) {
    const MaybeNumber need =
        sizing.need.has_value() ? MaybeNumber(*sizing.need + sizing.orphaned) : std::nullopt;
    const int want = ReplicasFor(need, sizing.per_replica).value_or(input.last);
    return {std::min(want, input.last), {}};
  }
  Proposal proposal{input.last, {}};
  if (input.since_change < input.in_window) {
    proposal.reasons.Add(Reason::kSettling);
  } else if (sizing.demand.has_value()) {
    proposal.replicas = input.last - 1;
  }
  return proposal;
}

}  // namespace

Proposal Propose(const Assessment& assessment, const SizingReport& sizing,
                 const ProposeInput& input) {
  Proposal ahead{input.last, {}};
  if (assessment.ahead_fires) ahead.replicas = ScaleOutAhead(assessment, sizing, input);
  if (assessment.out_fires) {
    const Proposal ruled = ScaleOut(assessment, sizing, input);
    return ruled.replicas >= ahead.replicas ? ruled : ahead;
  }
  if (assessment.ahead_fires) return ahead;
  if (assessment.in_fires) return ScaleIn(assessment, sizing, input);
  return {input.last, {}};
}

}  // namespace chatscale::recommender
