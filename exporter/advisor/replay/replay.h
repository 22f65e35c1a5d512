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
#include "exporter/advisor/policy/policy_file.h"
#include "exporter/model/snapshot.h"

namespace chatscale {

enum class ReplayFormat {
  kJsonLines,  // one line per input line, flushed at once; {"error":...} for an unreadable one
  kSummary,    // figures over all lines at the end; see summary.h
};

struct ReplayOptions {
  ReplayFormat format = ReplayFormat::kJsonLines;
  MaybeNumber redis_limit;  // Redis' maxclients; nullopt: not known
};

// Reads to the end of `in`; memory grows with the number of targets only. A document is decided
// under the policy of the tenant and project that it names, apart from those of others. An error
// when `out` cannot be written. Lines without a timestamp are unreadable: nothing says when they
// were true.
absl::Status Replay(const PolicySet& policies, std::istream& in, std::ostream& out,
                    const ReplayOptions& options);

}  // namespace chatscale
