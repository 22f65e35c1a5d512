// Everything a decision may look at: both services of one tenant at one instant.
//
// A plain value; the exporter fills it from a snapshot. Base units: seconds, ratios (1.0 = all),
// counts. A value that nobody measured is nullopt, never 0. NaN, infinite, negative or impossible
// values are read as unknown and mark the service's input as partial (see readings.h).
#pragma once

#include <optional>

#include "absl/time/time.h"

namespace chatscale::recommender {

using MaybeNumber = std::optional<double>;

// What a sample says about the replicas of one service.
struct SampleSignals {
  // When the values were true. nullopt: the source had no section for this service.
  std::optional<absl::Time> sampled_at;
  bool partial = false;           // the source dropped values it could not read
  MaybeNumber current_replicas;   // with a live process, not draining
  MaybeNumber draining_replicas;  // live, ending: they hold connections, and count nowhere else
  MaybeNumber pool_utilization;   // of the fullest connection pool, of all its processes
  // Connections one replica holds at most: pool maximum x its processes.
  MaybeNumber postgres_connections_per_replica;
  MaybeNumber redis_connections_per_replica;
};

struct IngressSignals : SampleSignals {
  MaybeNumber streams;              // open SSE streams, all replicas
  MaybeNumber streams_at_least;     // instead, where only some of the live workers were heard from
  MaybeNumber stream_capacity;      // sum of the replicas' limits; 0 = no limit known
  MaybeNumber streams_per_replica;  // configured; nullopt = stream_capacity / current_replicas
  MaybeNumber rest_p95_seconds;     // 1-minute window
  MaybeNumber rest_samples;         // behind that percentile
  MaybeNumber rest_requests;        // in that minute; nullopt = rest_samples
};

// Slots, loads and capacity are those of processes that are live and accept work. Tasks of
// processes that drain are in `queue_total` and `in_flight`, and in `draining_load` to be taken
// out.
struct ProcSignals : SampleSignals {
  MaybeNumber queue_total;       // waiting + in flight
  MaybeNumber waiting;           // nullopt = queue_total less what runs
  MaybeNumber in_flight;         // claimed tasks, whether or not their worker lives
  MaybeNumber busy_slots;        // running tasks by heartbeat; nullopt = in_flight
  MaybeNumber draining_load;     // running tasks of processes that drain; nullopt = 0
  MaybeNumber queue_capacity;    // tasks that may wait and run before users are refused
  MaybeNumber live_slots;        // task slots
  MaybeNumber free_slots;        // of them without a task
  MaybeNumber free_processes;    // processes with a free slot
  MaybeNumber free_load;         // tasks that those processes run
  MaybeNumber idle_replicas;     // of current_replicas, those that run no task at all
  MaybeNumber jobs_waiting;      // background jobs that no process has claimed; nullopt: not known
  MaybeNumber jobs_claimed;      // background jobs that one has; they are in no queue
  MaybeNumber wait_p95_seconds;  // 1-minute window, stamped when a task ends
  MaybeNumber wait_samples;      // behind that percentile
  MaybeNumber oldest_waiting_seconds;  // age of the task that has waited longest; 0 = none waits
  MaybeNumber exec_p50_seconds, exec_p95_seconds;  // 1-minute window
  MaybeNumber exec_samples;
  MaybeNumber completed;          // tasks ended in the last minute; nullopt = wait_samples
  MaybeNumber refused;            // requests turned away in the last minute as the queue was full
  MaybeNumber admitted_tasks;     // counter: tasks put into the queue
  MaybeNumber finished_tasks;     // counter: tasks that ran to their end
  MaybeNumber slots_per_replica;  // of a typical replica
  MaybeNumber processes_per_replica;
};

// Limits both services share.
struct SharedSignals {
  MaybeNumber postgres_limit;  // server's max_connections
  MaybeNumber redis_limit;     // server's maxclients
};

struct Signals {
  absl::Time now = absl::InfinitePast();  // the evaluation's instant; needs not be monotonic
  IngressSignals ingress;
  ProcSignals proc;
  SharedSignals shared;
};

}  // namespace chatscale::recommender
