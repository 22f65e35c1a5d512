// Replay: `/monitoring/system` documents, one JSON per line -> recommendations.
//
//   {"timestamp":T,"components":{"ingress":{"current_replicas":2,"desired_replicas":3,
//     "decision":"scale_out","reasons":["ingress: 2 → 3 replicas:
//     ..."],"limited":[]},"proc":{...}}}
//
// `desired_replicas` is null when no advice is given. The same code as live, so a simulator that
// feeds and reads line by line is answered as the real thing would.
#pragma once

#include <iosfwd>

#include "absl/status/status.h"
#include "recommender/policy.h"

namespace chatscale {

enum class ReplayFormat {
  kJsonLines,  // one line per input line, flushed at once; {"error":...} for an unreadable one
  kSummary,    // figures over all lines at the end; see summary.h
};

// Reads to the end of `in`; memory does not grow with it. An error when `out` cannot be written.
// Lines without a timestamp are unreadable: nothing says when they were true.
absl::Status Replay(const recommender::Policy& policy, std::istream& in, std::ostream& out,
                    ReplayFormat format);

}  // namespace chatscale
