// Proposal: from assessment and previous recommendation to the raw count, before guard rails.
#pragma once

#include "recommender/assess.h"
#include "recommender/guard_rails.h"

namespace chatscale::recommender {

struct ProposeInput {
  int last = 0;                 // previous recommendation
  std::optional<int> current;   // observed
  absl::Duration since_change;  // time since the recommendation last changed
  absl::Duration settle;        // minimum time between two scale-outs of unknown effect
  absl::Duration in_window;     // the same for scale-ins
};

// Any firing out-rule: the replicas for the highest need of the in-window and the growth of the
// lead time. All in-rules firing: the replicas for the current need. Where sizing is unknown, or
// satisfied while a measured rule still fires: one step, then a wait for its effect.
Proposal Propose(const Assessment& assessment, const SizingReport& sizing,
                 const ProposeInput& input);

}  // namespace chatscale::recommender
