// Recommendation: the result for one service, with everything that explains it.
//
// Plain numbers only: sentences are built on request (explain.h), so that an evaluation allocates
// nothing. An unknown value is nullopt.
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

// Reasons for a recommendation. Their names are stable label values.

enum class Reason : std::uint8_t {
  // A guard rail changed the proposal.
  kStabilization,  // the in-window had a higher demand, or the out window a lower one
  kSmallChange,    // the scale-in is too small to be worth a change
  kWarmUp,         // demand not yet measured over a full in-window
  kStep,           // step limit per period
  kSettling,       // the effect of an earlier step of unknown size has not shown in the signals yet
  kMin,
  kMax,
  kDbConnections,
  kRedisConnections,
  kStaleInput,    // sample missing or too old
  kPartialInput,  // sample with unreadable values, or without what sizing needs
  kNoReplicas,    // no healthy replica observed: an incident, not a reason to change
  kOutage,        // replicas vanished suddenly, less than an in-window ago
  kFirstView,     // not every replica may have been observed yet; see starting_count.h
  kLostWork,      // tasks leave the queue without a run
  kOverride,      // bounds of a temporary override
  // Notes: they limit nothing.
  kStarted,   // no state: started from the observed count
  kResumed,   // the input was missing for longer than the hold: started again
  kSurplus,   // more replicas run than recommended, for kReportDifference
  kShortage,  // fewer replicas run than recommended, for kReportDifference
  kBlocked,   // tasks wait beside free slots that take none
  kOrphaned,  // claimed tasks have no live process
  kDraining,  // draining replicas and their tasks are not counted
  kDoubted,   // the queue has fewer tasks than run: it counts as unknown
  // Growth was wanted, but the server's limit or a replica's cost is unknown.
  kDbBudgetUnknown,
  kRedisBudgetUnknown,
  kLoadAhead,  // scaled out for the load after the lead time, before a rule fired
  kOverrun,    // scaled out because more work runs than the recommended replicas can take
};
inline constexpr std::size_t kReasonCount = 28;

struct ReasonText {
  std::string_view name;      // label value: "db_connections"
  std::string_view sentence;  // "The connection budget of PostgreSQL blocks growth."
};
const ReasonText& Text(Reason reason);

// Reasons in the order in which the guard rails acted; each at most once.
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

// Compared with the previous recommendation, not with the observed count.
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
  absl::Time since = absl::InfinitePast();  // pending, active: the condition has held since
  absl::Duration required;
  std::optional<int> desired;  // active: replicas this rule alone would propose

  friend bool operator==(const RuleReport&, const RuleReport&) = default;
};

// Time in which waiting background jobs are to be cleared.
inline constexpr absl::Duration kJobsDrain = absl::Minutes(15);

// The arithmetic behind the count: want = ceil(need / per_replica).
struct SizingReport {
  MaybeNumber demand;        // open streams; tasks waiting and running
  bool at_least = false;     // `demand` is a lower bound: not every live process reported
  MaybeNumber waiting;       // proc: unclaimed tasks
  MaybeNumber jobs_waiting;  // proc: unclaimed background jobs
  double draining_load = 0;  // proc: tasks of draining processes, not in `demand`
  double orphaned = 0;       // proc: claimed tasks without a live process, not in `demand`
  double blocked_tasks = 0;  // proc: waiting tasks that lack no slot: `blocked_slots` are free
  double blocked_slots = 0;
  double lost_tasks = 0;        // proc: left the queue without a run, in the last five minutes
  MaybeNumber drain_slots;      // proc: part of the need that clears the backlog
  MaybeNumber service_seconds;  // proc: mean execution time, smoothed
  MaybeNumber offered_load;     // proc: slots that arrivals keep busy; see arrivals.h
  MaybeNumber peakedness;       // proc: dispersion of arrivals; 1 = Poisson
  MaybeNumber forecast;         // proc: offered load after the lead time, from earlier days
  MaybeNumber ahead;            // streams or offered load, after the growth of the lead time
  MaybeNumber
      ahead_share;   // proc: share of tasks that would then wait too long; ingress: saturation then
  MaybeNumber need;  // current need, in slots, or streams at the target
  MaybeNumber window_need;  // highest within the in-window
  MaybeNumber out_need;  // scale-out only; includes the growth of the lead time where arrivals are
                         // not measured
  MaybeNumber per_replica;  // streams or slots of one replica
  MaybeNumber
      startup_seconds;       // learned time from recommendation to observed replica; see startup.h
  std::optional<int> want;   // replicas for the highest need that applied
  bool by_forecast = false;  // proc: `ahead` is the forecast
  // Slots that the forecast would have added recently, on average: needed ones, and idle ones.
  MaybeNumber forecast_helped, forecast_idle;
  absl::Duration
      drain;  // proc: time in which drain_slots clear the backlog; jobs within kJobsDrain

  friend bool operator==(const SizingReport&, const SizingReport&) = default;
};

struct Recommendation {
  Service service{};
  absl::Time at = absl::InfinitePast();
  // The desired count. nullopt: withheld (never 0, never NaN). Always within [min, max].
  std::optional<int> desired;
  std::optional<int> previous;  // recommendation before this evaluation
  std::optional<int> raw;       // proposal of rules and sizing, before the guard rails
  std::optional<int> current;   // observed
  int ordered = 0;   // upper bound of the observed replicas that follow the recommendation
  int draining = 0;  // draining replicas, in addition to `current`
  // While waiting for a complete first view: its start, and its earliest end.
  std::optional<absl::Time> view_since, view_until;
  std::optional<absl::Time> override_until;
  int min = 0;
  int max = 0;
  Decision decision = Decision::kHold;
  // The change that the rules wanted and the guard rails took back entirely.
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

// A change; a new start from the observed count; or a suppressed change that differs from the
// previous evaluation's, so that a guard rail that holds for an hour makes one record.
bool StartedAnew(const Recommendation& recommendation);
bool WorthRecording(const Recommendation& recommendation, const Recommendation& previous);

// A recommendation in the forms that autoscalers read. Pure.
//
// Sources: the HPA's tolerance, kubernetes replica_calculator.go (isWithin, inclusive); CloudWatch
// target tracking needs a ratio that falls when capacity rises.
struct AutoscalerValues {
  std::optional<int> desired;      // replicas; nullopt: omit the series, never 0 or NaN
  std::optional<int> raw;          // replicas, before the guard rails
  std::optional<int> compensated;  // replicas, for an autoscaler with a tolerance of 10 %
  // 100 x desired / observed; nullopt when none is observed. Observed replicas beyond the
  // recommendation (a rollout, another Deployment) do not count, so that they cause no scale-in.
  std::optional<double> ratio_percent;
  bool valid = false;
  absl::Duration age = absl::InfiniteDuration();  // of the newest usable sample
};

AutoscalerValues AutoscalerValuesOf(const Recommendation& recommendation);

// The smallest count outside the tolerance band [0.9, 1.1] x current that reaches `desired`: an
// autoscaler that ignores changes of 10 % ends at or above `desired`, at most 10 % + 1 too high.
// Where the autoscaler counts replicas other than `current` (starting, unobserved or just gone), it
// may stay up to 10 % below `desired` until both agree. May exceed the policy's maximum by as much;
// the autoscaler's own maximum holds.
int CompensateForTolerance(int desired, int current);

}  // namespace chatscale::recommender
