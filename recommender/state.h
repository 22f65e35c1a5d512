// State: what one evaluation passes to the next, for one tenant.
//
// A value that can be copied, stored and sent. Its size is bounded (a few kilobytes, with seasons
// 18 KiB more) whatever the evaluation interval. state_fields.h lists every field.
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

// A change of the recommendation, for the step limits.
struct Change {
  absl::Time at;
  int delta = 0;

  friend bool operator==(const Change&, const Change&) = default;
};

// The replicas observed before the first recommendation; see starting_count.h.
struct FirstView {
  std::optional<absl::Time> since;  // first heartbeat; without one, the first observation
  absl::Time grown_at = absl::InfinitePast();  // last growth of the count
  int count = 0;                               // newest count
  int most = 0;                                // highest count

  friend bool operator==(const FirstView&, const FirstView&) = default;
};

struct ServiceState {
  std::optional<int> desired;                     // last recommendation; nullopt before the first
  absl::Time last_sample = absl::InfinitePast();  // newest usable sample
  absl::Time last_change = absl::InfinitePast();  // of the recommendation
  absl::Time last_out = absl::InfinitePast();     // last scale-out
  absl::Time need_known_at = absl::InfinitePast();
  absl::Time covered_since = absl::InfiniteFuture();  // need measured without a gap since
  WindowMean covered;                                 // measured share of the in-window
  FirstView view;
  int ordered = 0;  // `desired`, and replicas that a scale-in has not removed yet
  // The observed count has been above, or below, the recommendation since.
  std::optional<absl::Time> surplus_since, shortage_since;
  // More work runs, on surplus replicas, than the recommended ones can take, since.
  std::optional<absl::Time> overrun_since;
  std::optional<absl::Time> outage_since;  // replicas vanished suddenly; see starting_count.h
  double outage_from = 0;                  // count before that
  SlidingMax seen;                         // highest observed count within max_gap
  std::array<RuleState, kMaxRules> rules;  // in the order of the service's rule rows
  SlidingMax need;                         // highest need within the in-window, in slots or streams
  SlidingMax floor;                        // the same, plus claimed tasks without a live process
  SlidingMax need_low;                     // highest of -need within the out stabilization window
  Trend demand;                            // tasks or streams
  std::vector<Change> changes;             // within the longer of the step periods
  StartupMemory startup;

  friend bool operator==(const ServiceState&, const ServiceState&) = default;
};

// Time constant of the mean execution time, or the time measured so far if that is shorter.
inline constexpr absl::Duration kServiceSmoothing = absl::Minutes(10);

struct ProcMemory {
  WindowMean pressure;
  MaybeNumber service_seconds;  // smoothed mean execution time
  absl::Time service_at = absl::InfinitePast();
  absl::Duration service_watched = kServiceSmoothing;  // capped at kServiceSmoothing
  ArrivalMemory arrivals;
  SeasonMemory season;
  std::optional<absl::Time> stuck_since;  // tasks wait and none has started since
  QueueMemory queue;

  friend bool operator==(const ProcMemory&, const ProcMemory&) = default;
};

struct State {
  absl::Time at = absl::InfinitePast();  // newest evaluation
  absl::Duration interval;               // usual time between evaluations
  ServiceState ingress;
  ServiceState proc;
  ProcMemory proc_memory;

  friend bool operator==(const State&, const State&) = default;
};

}  // namespace chatscale::recommender
