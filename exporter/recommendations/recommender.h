// Recommender: evaluates all targets under their policies, and keeps their state and decisions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "exporter/files/file_thread.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/decision_log.h"
#include "exporter/recommendations/policy_file.h"
#include "exporter/recommendations/state_file.h"

namespace chatscale {

struct RecommenderOptions {
  std::string state_file;  // empty: the state is lost with the process
  // Evaluate at the document's timestamp: demo time runs faster.
  bool document_time = false;
  bool dry_run = false;     // see Recommendations
  MaybeNumber redis_limit;  // maxclients of the chat system's Redis; nullopt: unknown
};

class Recommender {
 public:
  // `states`: from the previous process. `log` must outlive this.
  Recommender(PolicySet policies, const States& states, RecommenderOptions options,
              DecisionLog* log);

  // Effective from the next evaluation. Unchanged rules keep their pending time. Thread-safe.
  void SetPolicies(PolicySet policies);
  std::uint64_t PolicyHash() const;                   // of the base policy; thread-safe
  std::shared_ptr<const PolicySet> Policies() const;  // in effect; thread-safe

  // The following functions are for one thread only.

  // Evaluates `target` at `now`; never null. Records changes and new suppressed changes.
  std::shared_ptr<const Recommendations> Evaluate(const TargetView& target, absl::Time now);

  // Ends a cycle: drops targets that were not evaluated in it, saves the state when due. Returns
  // the result of the newest file writes; an error stays until the next successful write.
  absl::Status EndCycle(absl::Time now);
  // Saves the state, and waits.
  absl::Status Save(absl::Duration timeout);
  // Waits for all files; see FileThread::Wait.
  absl::Status Wait(absl::Duration timeout);

 private:
  struct Memory {
    recommender::State state;
    PerService<ServiceRecommendation> last;
    // Reasons recorded since the recommendation last changed, so that a guard rail that comes and
    // goes makes one record.
    PerService<recommender::ReasonList> recorded;
    // Time since which each warning applies; InfinitePast once logged.
    std::map<std::string, absl::Time> warned;
    bool evaluated = false;  // in this collection cycle
  };

  void OfferState();
  void Record(const Target& target, const ServiceRecommendation& after,
              const struct DecisionInputs& inputs, Memory& memory);

  const RecommenderOptions options_;
  DecisionLog* const log_;
  mutable std::mutex mutex_;
  std::shared_ptr<const PolicySet> policies_;

  std::map<Target, Memory> memory_;
  absl::Time saved_at_ = absl::InfinitePast();
  bool changed_ = false;  // a recommendation changed since the last save
  struct FirstViews {     // incomplete first views
    std::size_t targets = 0;
    Target first;
    absl::Duration longest;  // longest remaining time, at least
  };
  struct LastingWarning {
    Target first;
    std::size_t targets = 0;
  };
  std::map<std::string, LastingWarning> warnings_;  // logged at the end of this cycle
  FirstViews awaiting_;                             // of this cycle
  std::size_t awaited_ = 0;                         // number of targets in the previous cycle
  FileThread saver_;
};

}  // namespace chatscale
