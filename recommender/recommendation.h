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
#include "recommender/reason.h"
#include "recommender/rule_table.h"
#include "recommender/service.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

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

}  // namespace chatscale::recommender
