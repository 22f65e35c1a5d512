// Recorded documents to recommendations, by the code that runs live, and figures over them.
#pragma once

#include <array>
#include <iosfwd>

#include "absl/status/status.h"
#include "exporter/model/snapshot.h"
#include "exporter/recommendations/policy_file.h"
#include "recommender/recommend.h"

namespace chatscale {

class ReplaySummary {
 public:
  void Add(const recommender::Step& step);
  // Time between lines counts for what the earlier of them said. Durations in seconds.
  void Print(std::ostream& out) const;

 private:
  static constexpr std::size_t kStatuses = 5;  // of recommender::RuleStatus

  struct Figures {
    int changes = 0;
    int reversals = 0;         // changes against the direction of the one before
    int suppressed = 0;        // changes the guard rails took back, counted once while they last
    double replica_hours = 0;  // of the advised count
    double unadvised_seconds = 0;
    std::array<std::array<double, kStatuses>, recommender::kMaxRules> rule_seconds{};
    recommender::Decision last_change = recommender::Decision::kHold;
    recommender::Recommendation last;
  };

  static void AddTime(double seconds, Figures& figures);
  static void AddDecision(const recommender::Recommendation& answer, Figures& figures);

  recommender::PerService<Figures> services_;
  long lines_ = 0;
};

// Replay: `/monitoring/system` documents, one JSON per line -> recommendations.
//
//   {"timestamp":T,"components":{"ingress":{"current_replicas":2,"desired_replicas":3,
//     "decision":"scale_out","reasons":["ingress: 2 → 3 replicas:
//     ..."],"limited":[]},"proc":{...}}}
//
// `desired_replicas` is null when no advice is given. The same code as live, so a simulator that
// feeds and reads line by line is answered as the real thing would.

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
