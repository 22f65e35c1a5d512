// Replay: recorded documents to recommendations, with the code that runs live, and summary figures.
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
  // The time between two lines counts for the earlier one. Durations are in seconds.
  void Print(std::ostream& out) const;

 private:
  static constexpr std::size_t kStatuses = 5;  // of recommender::RuleStatus

  struct Figures {
    int changes = 0;
    int reversals = 0;         // changes opposite to the previous one
    int suppressed = 0;        // changes that guard rails took back, once per episode
    double replica_hours = 0;  // of the recommended count
    double without_recommendation_seconds = 0;
    std::array<std::array<double, kStatuses>, recommender::kMaxRules> rule_seconds{};
    recommender::Decision last_change = recommender::Decision::kHold;
    recommender::Recommendation last;
  };

  static void AddTime(double seconds, Figures& figures);
  static void AddDecision(const recommender::Recommendation& answer, Figures& figures);

  recommender::PerService<Figures> services_;
  long lines_ = 0;
};

// Input: `/monitoring/system` documents, one JSON per line. Output:
//
//   {"timestamp":T,"components":{"ingress":{"current_replicas":2,"desired_replicas":3,
//     "decision":"scale_out","reasons":["ingress: 2 → 3 replicas: ..."],"limited":[]},
//     "proc":{...}}}
//
// `desired_replicas` is null without a recommendation. A simulator can feed documents and read the
// results line by line.

enum class ReplayFormat {
  kJsonLines,  // one flushed line per input line; {"error":...} for an unreadable one
  kSummary,    // figures over all lines, at the end; see ReplaySummary
};

struct ReplayOptions {
  ReplayFormat format = ReplayFormat::kJsonLines;
  MaybeNumber redis_limit;  // Redis' maxclients; nullopt: unknown
};

// Reads `in` to its end; memory grows with the number of targets only. Each document is evaluated
// under the policy of the target that it names, apart from other targets. A line without a
// timestamp is unreadable. Error: `out` cannot be written.
absl::Status Replay(const PolicySet& policies, std::istream& in, std::ostream& out,
                    const ReplayOptions& options);

}  // namespace chatscale
