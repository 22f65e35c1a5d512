// Checked signals: validated and completed, as rules compare them and sizing divides them.
//
// A value that is NaN, infinite, negative or impossible becomes unknown and marks the input as
// partial. A sample that is missing, too old or from the future makes everything unknown. Pure.
#pragma once

#include <optional>

#include "recommender/policy.h"
#include "recommender/signals.h"

namespace chatscale::recommender {

struct CheckedSample {
  bool fresh = false;  // sample present, and not older than max_age
  bool partial = false;
  absl::Duration age = absl::InfiniteDuration();
  std::optional<int> current;
  int draining = 0;   // replicas
  MaybeNumber pools;  // utilization of the fullest connection pool
  MaybeNumber postgres_per_replica, redis_per_replica;
};

struct CheckedIngress : CheckedSample {
  MaybeNumber streams;
  bool at_least = false;    // `streams` and `saturation` are lower bounds
  MaybeNumber per_replica;  // streams one replica may hold
  MaybeNumber saturation;
  MaybeNumber rest_p95;  // seconds; 0 when there was no request
};

struct CheckedProc : CheckedSample {
  MaybeNumber total;          // tasks in the system, those of draining processes included
  MaybeNumber waiting, busy;  // unclaimed tasks; tasks that live processes run
  // Claimed tasks that no live process runs: the worker hangs or died. Where `waiting` is not
  // reported: every task in the system that does not run.
  double orphaned = 0;
  bool orphans_known = false;  // true: waiting tasks are not among them
  double draining_load = 0;    // tasks that draining processes run
  double jobs_waiting = 0;     // unclaimed background jobs
  double jobs_claimed = 0;
  MaybeNumber per_replica;  // slots of one replica
  MaybeNumber processes_per_replica;
  MaybeNumber capacity;  // tasks
  MaybeNumber live_slots, free_slots, free_processes, free_load, idle_replicas;
  MaybeNumber wait_p95;                        // seconds; 0 when there was no task at all
  MaybeNumber oldest;                          // seconds
  MaybeNumber exec_p50, exec_p95;              // seconds
  MaybeNumber ended;                           // tasks in the last minute
  MaybeNumber completed, refused;              // the same; `completed` only where it was reported
  MaybeNumber admitted_tasks, finished_tasks;  // counters

  // Waiting tasks and those that live processes run; nullopt: unknown.
  MaybeNumber Demand() const {
    if (!waiting.has_value() || !busy.has_value()) return std::nullopt;
    return *waiting + *busy;
  }
};

// Instants are truncated to nanoseconds, so that the state's text form is exact.
inline absl::Time WholeNanoseconds(absl::Time time) {
  return absl::FromUnixNanos(absl::ToUnixNanos(time));
}

// Not negative, finite and at most 1e9.
inline bool IsPlausible(double value) { return value >= 0 && value <= 1e9; }  // false for NaN

CheckedIngress Read(const InputPolicy& policy, const IngressSignals& signals, absl::Time now);
CheckedProc Read(const InputPolicy& policy, const ProcSignals& signals, absl::Time now);

}  // namespace chatscale::recommender
