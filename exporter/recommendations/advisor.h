// The recommender at work: a policy, the state of every target, and what became of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "exporter/files/file_thread.h"
#include "exporter/model/advice.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/decision_log.h"
#include "exporter/recommendations/policy_file.h"
#include "exporter/recommendations/state_file.h"

namespace chatscale {

struct AdvisorOptions {
  std::string state_file;  // empty: the state ends with the process
  // Evaluate at the document's own time: the demo lives faster than we do.
  bool document_time = false;
  bool dry_run = false;     // see Advice
  MaybeNumber redis_limit;  // Redis' maxclients; nullopt: not known
};

class Advisor {
 public:
  // `states`: of an earlier life. `log` must outlive this.
  Advisor(PolicySet policies, const States& states, AdvisorOptions options, DecisionLog* log);

  // From the next evaluation on. Rules that did not change keep their pending time. Thread-safe.
  void SetPolicies(PolicySet policies);
  std::uint64_t PolicyHash() const;                   // of the common policy; thread-safe
  std::shared_ptr<const PolicySet> Policies() const;  // in effect; thread-safe

  // The rest belongs to one thread.

  // Advice on `target` as it is at `now`; never null. Records changes and newly suppressed changes.
  std::shared_ptr<const Advice> Evaluate(const TargetView& target, absl::Time now);

  // Ends a round: forgets targets that were not evaluated in it, has the state saved when it is
  // due. How the files were last written: an error stays until they have been written again.
  absl::Status EndRound(absl::Time now);
  // Saves the state, and waits.
  absl::Status Save(absl::Duration patience);
  // For all files; see FileThread::Wait.
  absl::Status Wait(absl::Duration patience);

 private:
  struct Memory {
    recommender::State state;
    PerService<ServiceAdvice> last;
    // The newest suppressed change on record since the advice last changed: a guard rail that comes
    // and goes makes one record.
    PerService<recommender::ReasonList> recorded;
    // Warnings: since when there is reason to; InfinitePast once logged.
    std::map<std::string, absl::Time> warned;
    bool evaluated = false;  // in this round
  };

  void OfferState();
  void Record(const Target& target, const ServiceAdvice& after, const struct DecisionInputs& inputs,
              Memory& memory);

  const AdvisorOptions options_;
  DecisionLog* const log_;
  mutable std::mutex mutex_;
  std::shared_ptr<const PolicySet> policies_;

  std::map<Target, Memory> memory_;
  absl::Time saved_at_ = absl::InfinitePast();
  bool changed_ = false;  // advice changed since the last save
  struct FirstViews {     // that are awaited
    std::size_t targets = 0;
    Target first;
    absl::Duration longest;  // of them, at least
  };
  struct Said {
    Target first;
    std::size_t targets = 0;
  };
  std::map<std::string, Said> warnings_;  // that begin to last in this round
  FirstViews awaiting_;                   // of this round
  std::size_t awaited_ = 0;               // targets of the round before
  FileThread saver_;
};

}  // namespace chatscale
