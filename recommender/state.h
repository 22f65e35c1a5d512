// What one evaluation hands to the next: all the recommender remembers of one tenant.
//
// A value: copy it, store it, hand it to another process. Size is bounded (a few kilobytes,
// with seasons 18 KiB more), whatever the polling interval. state_fields.h names every field.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "recommender/arrivals.h"
#include "recommender/queue_checks.h"
#include "recommender/rule_table.h"
#include "recommender/season.h"
#include "recommender/startup.h"
#include "recommender/windows.h"

namespace chatscale::recommender {

// A change of our advice, for the step limits.
struct Change {
  absl::Time at;
  int delta = 0;

  friend bool operator==(const Change&, const Change&) = default;
};

// What was seen of a fleet before the first recommendation; see anchor.h.
struct FirstView {
  std::optional<absl::Time> since;  // the first heartbeat; or the first look, without one
  absl::Time grown_at = absl::InfinitePast();  // the count has not grown since
  int count = 0;                               // at the newest look
  int most = 0;                                // ever

  friend bool operator==(const FirstView&, const FirstView&) = default;
};

struct ServiceState {
  std::optional<int> desired;                     // our last advice; nullopt until anchored
  absl::Time last_sample = absl::InfinitePast();  // newest usable sample
  absl::Time last_change = absl::InfinitePast();  // of our advice
  absl::Time last_out = absl::InfinitePast();     // our last scale-out
  absl::Time need_known_at = absl::InfinitePast();
  absl::Time covered_since = absl::InfiniteFuture();  // need measured without a gap since
  WindowMean covered;  // of the in-window: how much of it need was measured in
  FirstView view;
  int ordered =
      0;  // replicas that run by our word: `desired`, and what a scale-in has not removed yet
  // The observed count is above the recommendation, or below it.
  std::optional<absl::Time> surplus_since, shortage_since;
  // Beside more replicas than are recommended, more runs than those can take.
  std::optional<absl::Time> overrun_since;
  std::optional<absl::Time> outage_since;  // replicas vanished at once; see anchor.h
  double outage_from = 0;                  // how many were seen before
  SlidingMax seen;                         // observed count within max_gap
  std::array<RuleState, kMaxRules> rules;  // in the order of the service's rule rows
  SlidingMax need;                         // highest need within the in-window, in slots or streams
  SlidingMax floor;                        // the same, with claimed tasks that no live process runs
  SlidingMax need_low;                     // highest of -need within the out stabilization window
  Trend demand;                            // tasks or streams
  std::vector<Change> changes;             // within the longer of the step periods
  StartupMemory startup;

  friend bool operator==(const ServiceState&, const ServiceState&) = default;
};

// The mean execution time is smoothed over this long, or over as long as it has been watched.
inline constexpr absl::Duration kServiceSmoothing = absl::Minutes(10);

struct ProcMemory {
  WindowMean pressure;
  MaybeNumber service_seconds;  // smoothed mean execution time
  absl::Time service_at = absl::InfinitePast();
  absl::Duration service_watched = kServiceSmoothing;  // at most that
  ArrivalMemory arrivals;
  SeasonMemory season;
  std::optional<absl::Time> stuck_since;  // tasks wait and none has been taken since
  QueueMemory queue;

  friend bool operator==(const ProcMemory&, const ProcMemory&) = default;
};

struct State {
  absl::Time at = absl::InfinitePast();  // newest evaluation
  absl::Duration interval;               // usual time between two evaluations
  ServiceState ingress;
  ServiceState proc;
  ProcMemory proc_memory;

  friend bool operator==(const State&, const State&) = default;
};

}  // namespace chatscale::recommender
