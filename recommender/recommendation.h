// The recommender's answer for one service, with everything needed to explain it.
//
// Plain numbers only: sentences are built on request (explain.h), so that an evaluation allocates
// nothing. A value that is not known is nullopt.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "recommender/rule_table.h"
#include "recommender/service.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

// Why a recommendation is what it is. Names are stable label values.

enum class Reason : std::uint8_t {
  // A guard rail changed the proposal.
  kStabilization,  // the in-window saw a higher demand, or the out window a lower one
  kSmallChange,    // the scale-in is too small to be worth a change
  kWarmUp,         // no full in-window of demand observed yet
  kStep,           // step limit per period
  kSettling,       // an earlier step of unknown effect has not shown in the signals yet
  kMin,
  kMax,
  kDbConnections,
  kRedisConnections,
  kStaleInput,    // sample missing or too old
  kPartialInput,  // sample had values that could not be read, or lacked what sizing needs
  kNoReplicas,    // no healthy replica observed: an incident, not a reason to change
  kOutage,        // replicas vanished at once, and not for an in-window yet
  kFirstView,     // the view of the fleet may not be whole yet; see anchor.h
  kLostWork,      // tasks leave the queue without a run
  kOverride,      // a person's bounds, for a while
  // A note: nothing was limited, but the reader should know.
  kStarted,   // no state: started from the observed count
  kResumed,   // the input was gone for long: started again
  kSurplus,   // more replicas run than are recommended, for long
  kShortage,  // fewer, for long
  kBlocked,   // tasks wait beside free slots that take none
  kOrphaned,  // claimed tasks have no live process
  kDraining,  // draining replicas and their tasks are not counted
  kDoubted,   // the queue has fewer tasks than run: it is unknown
  // Wanted to grow, but the server's limit or a replica's cost is not known.
  kDbBudgetUnknown,
  kRedisBudgetUnknown,
  kLoadAhead,  // scaled out on the load ahead, before a rule fired
  kOverrun,    // scaled out on what runs on more replicas than are recommended
};
inline constexpr std::size_t kReasonCount = 28;

struct ReasonText {
  std::string_view name;      // label value: "db_connections"
  std::string_view sentence;  // "The connection budget of PostgreSQL blocks growth."
};
const ReasonText& Text(Reason reason);

// Reasons in the order the rails acted; each at most once.
class ReasonList {
 public:
  void Add(Reason reason) {
    if (!Has(reason)) items_[size_++] = reason;
  }
  bool Has(Reason reason) const {
    for (const Reason item : *this) {
      if (item == reason) return true;
    }
    return false;
  }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  friend bool operator==(const ReasonList&, const ReasonList&) = default;
  const Reason* begin() const { return items_.data(); }
  const Reason* end() const { return items_.data() + size_; }

 private:
  std::array<Reason, kReasonCount> items_{};
  std::uint8_t size_ = 0;
};

// Compared with our previous advice, not with the observed count.
enum class Decision : std::uint8_t { kScaleOut, kHold, kScaleIn };
std::string_view DecisionName(Decision decision);  // "scale_out", "hold", "scale_in"

enum class RuleStatus : std::uint8_t { kInactive, kPending, kActive, kNoData, kOff };
std::string_view RuleStatusName(RuleStatus status);  // "inactive", "pending", "active", "no_data"

struct RuleReport {
  const RuleRow* row = nullptr;
  RuleStatus status = RuleStatus::kNoData;
  MaybeNumber value;      // in the signal's unit
  bool at_least = false;  // the value is a lower bound
  double threshold = 0;
  absl::Time since = absl::InfinitePast();  // pending, active: the condition holds since
  absl::Duration required;
  std::optional<int> desired;  // active: replicas it would ask for if it were alone

  friend bool operator==(const RuleReport&, const RuleReport&) = default;
};

// In which background jobs that wait are to be cleared.
inline constexpr absl::Duration kJobsDrain = absl::Minutes(15);

// The arithmetic behind the count: want = ceil(need / per_replica).
struct SizingReport {
  MaybeNumber demand;        // open streams; tasks waiting and running
  bool at_least = false;     // `demand` is a lower bound: not every live process was heard from
  MaybeNumber waiting;       // proc: tasks nobody works on yet
  MaybeNumber jobs_waiting;  // proc: background jobs nobody works on yet
  double draining_load = 0;  // proc: tasks of draining processes, not in `demand`
  double orphaned = 0;       // proc: claimed tasks without a live process, not in `demand`
  double blocked_tasks = 0;  // proc: of those waiting, no lack of slots: `blocked_slots` are free
  double blocked_slots = 0;
  double lost_tasks = 0;        // proc: left the queue without a run, in the last five minutes
  MaybeNumber drain_slots;      // proc: part of need that is there to clear the backlog
  MaybeNumber service_seconds;  // proc: mean execution time assumed
  MaybeNumber offered_load;     // proc: slots that arrivals keep busy; see arrivals.h
  MaybeNumber peakedness;       // proc: how uneven they are; 1 = Poisson
  MaybeNumber forecast;         // proc: offered load after the lead time, by earlier days
  MaybeNumber ahead;            // streams, or offered load, after the growth of the lead time
  MaybeNumber ahead_share;      // of tasks that would wait too long then; of the limit then open
  MaybeNumber need;             // now, in streams at the target or slots
  MaybeNumber window_need;      // highest within the in-window
  MaybeNumber out_need;     // scale-out only; without arrivals after the growth of the lead time
  MaybeNumber per_replica;  // streams or slots of one replica
  MaybeNumber startup_seconds;  // from advice to replica, learned; see startup.h
  std::optional<int> want;      // replicas for the highest of them that applied
  bool by_forecast = false;     // proc: `ahead` is the forecast
  // Slots it would have added of late, on average, that were needed and that were not.
  MaybeNumber forecast_helped, forecast_idle;
  absl::Duration
      drain;  // proc: time in which drain_slots clear the backlog; jobs within kJobsDrain

  friend bool operator==(const SizingReport&, const SizingReport&) = default;
};

struct Recommendation {
  Service service{};
  absl::Time at = absl::InfinitePast();
  // The advice. nullopt: withheld (never 0, never NaN). Always within [min, max].
  std::optional<int> desired;
  std::optional<int> previous;  // our advice before this evaluation
  std::optional<int> raw;       // what the rules and the sizing proposed, before the guard rails
  std::optional<int> current;   // observed
  int ordered = 0;              // of those, no more than this run by our word
  int draining = 0;             // replicas, beside `current`
  // While the first view is awaited: since when, and until when at least.
  std::optional<absl::Time> view_since, view_until;
  std::optional<absl::Time> override_until;
  int min = 0;
  int max = 0;
  Decision decision = Decision::kHold;
  // The rules wanted a change and the guard rails took all of it back.
  Decision suppressed = Decision::kHold;
  ReasonList limited;  // guard rails that changed the proposal, in order
  ReasonList notes;
  bool fresh = false;  // a usable sample not older than max_age
  bool partial = false;
  bool incident = false;  // no healthy replica while there is work
  absl::Duration input_age = absl::InfiniteDuration();
  int connection_shortfall = 0;  // replicas the connection budget refused
  std::array<RuleReport, kMaxRules> rules;
  std::size_t rule_count = 0;
  SizingReport sizing;

  bool valid() const { return desired.has_value(); }

  friend bool operator==(const Recommendation&, const Recommendation&) = default;
};

// What is worth keeping: a change, or a change that the guard rails took back.

// A change; an anchor set anew; or a suppressed change that the service's previous evaluation did
// not report alike, so that a rail that holds for an hour makes one record.
bool Anchored(const Recommendation& recommendation);
bool WorthRecording(const Recommendation& recommendation, const Recommendation& previous);

// A recommendation in the forms autoscalers read. Pure.
//
// Sources: HPA's dead band, kubernetes replica_calculator.go (isWithin, inclusive); CloudWatch
// target tracking needs a ratio that falls when capacity rises.

struct Delivery {
  std::optional<int> desired;      // replicas; nullopt: omit the series, never 0 or NaN
  std::optional<int> raw;          // replicas, before the guard rails
  std::optional<int> compensated;  // replicas, for an autoscaler with a 10 % dead band
  // 100 x desired / observed; nullopt when none observed. Replicas that run without our word (a
  // rollout's, another Deployment's) are not counted: nobody is told to cut because of them.
  std::optional<double> ratio_percent;
  bool valid = false;
  absl::Duration age = absl::InfiniteDuration();  // of the newest usable sample
};

Delivery DeliveryOf(const Recommendation& recommendation);

// The smallest count beyond the dead band [0.9, 1.1] x current that reaches `desired` or more: an
// autoscaler that ignores changes of 10 % ends at or above `desired`, at most 10 % + 1 too high.
// Where the autoscaler counts other replicas than `current` (one that starts, is not observed yet,
// or has just gone), its band lies elsewhere, and it may stay up to 10 % below `desired` until they
// agree. May exceed the policy's maximum by as much; the autoscaler's own maximum holds.
int CompensateForTolerance(int desired, int current);

}  // namespace chatscale::recommender
