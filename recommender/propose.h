// Propose: an assessment and our last advice -> the raw proposal, before any guard rail.
#pragma once

#include "recommender/assess.h"
#include "recommender/guard_rails.h"

namespace chatscale::recommender {

struct ProposeInput {
  int last = 0;                 // our previous advice
  std::optional<int> current;   // observed
  absl::Duration since_change;  // time since our advice last changed
  absl::Duration settle;        // between two steps of unknown effect, out
  absl::Duration in_window;     // and in
};

// Any firing out-rule: the replicas that the highest need of the in-window, and the growth of the
// lead time, ask for. All in-rules firing: what the need of now asks for. Where sizing is unknown,
// or satisfied while a measured rule still fires: one step, then wait for its effect.
Proposal Propose(const Assessment& assessment, const SizingReport& sizing,
                 const ProposeInput& input);

}  // namespace chatscale::recommender
