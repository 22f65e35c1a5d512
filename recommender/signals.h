// Signals: the complete input of a decision, for both services of one tenant at one instant.
//
// A plain value that the exporter fills from a snapshot. Base units: seconds, ratios (1.0 = all),
// counts. An unmeasured value is nullopt, never 0. NaN, infinite, negative or impossible values are
// read as unknown and mark the service's input as partial (see checked_signals.h).
#pragma once

#include <optional>

#include "absl/time/time.h"

namespace chatscale::recommender {

using MaybeNumber = std::optional<double>;

// Figures of one service's replicas.
struct SampleSignals {
  // Instant at which the values held. nullopt: the source had no section for this service.
  std::optional<absl::Time> sampled_at;
  bool partial = false;           // the source dropped unreadable values
  MaybeNumber current_replicas;   // replicas with a live process, without draining ones
  MaybeNumber draining_replicas;  // live and ending; they hold connections and count nowhere else
  MaybeNumber pool_utilization;   // of the fullest connection pool, over all processes
  // Most connections that one replica can hold: pool maximum x its processes.
  MaybeNumber postgres_connections_per_replica;
  MaybeNumber redis_connections_per_replica;
};

struct IngressSignals : SampleSignals {
  MaybeNumber streams;              // open SSE streams, all replicas
  MaybeNumber streams_at_least;     // instead, where only some of the live workers reported
  MaybeNumber stream_capacity;      // sum of the replicas' limits; 0 = no limit known
  MaybeNumber streams_per_replica;  // configured; nullopt = stream_capacity / current_replicas
  MaybeNumber rest_p95_seconds;     // 1-minute window
  MaybeNumber rest_samples;         // samples behind that percentile
};

// Slots, loads and capacity are those of live processes that accept work. Tasks of draining
// processes are in `queue_total` and `in_flight`, and in `draining_load` so that they can be
// subtracted.
struct ProcSignals : SampleSignals {
  MaybeNumber queue_total;             // waiting + in flight
  MaybeNumber waiting;                 // nullopt = queue_total less running tasks
  MaybeNumber in_flight;               // claimed tasks, whether or not their worker is alive
  MaybeNumber busy_slots;              // running tasks according to heartbeats; nullopt = in_flight
  MaybeNumber draining_load;           // running tasks of draining processes; nullopt = 0
  MaybeNumber queue_capacity;          // tasks that may wait and run before requests are refused
  MaybeNumber live_slots;              // task slots
  MaybeNumber free_slots;              // slots without a task
  MaybeNumber free_processes;          // processes with a free slot
  MaybeNumber free_load;               // tasks that those processes run
  MaybeNumber idle_replicas;           // current_replicas that run no task
  MaybeNumber jobs_waiting;            // unclaimed background jobs; nullopt: unknown
  MaybeNumber jobs_claimed;            // claimed background jobs; they are in no queue
  MaybeNumber wait_p95_seconds;        // 1-minute window; recorded when a task ends
  MaybeNumber wait_samples;            // samples behind that percentile
  MaybeNumber oldest_waiting_seconds;  // age of the oldest waiting task; 0 = none waits
  MaybeNumber exec_p50_seconds, exec_p95_seconds;  // 1-minute window
  MaybeNumber exec_samples;
  MaybeNumber completed;          // tasks ended in the last minute; nullopt = wait_samples
  MaybeNumber refused;            // requests refused in the last minute because the queue was full
  MaybeNumber admitted_tasks;     // counter: enqueued tasks
  MaybeNumber finished_tasks;     // counter: completed tasks
  MaybeNumber slots_per_replica;  // of a typical replica
  MaybeNumber processes_per_replica;
};

// Server limits that both services share.
struct SharedSignals {
  MaybeNumber postgres_limit;  // server's max_connections
  MaybeNumber redis_limit;     // server's maxclients
};

struct Signals {
  absl::Time now = absl::InfinitePast();  // instant of the evaluation; need not be monotonic
  IngressSignals ingress;
  ProcSignals proc;
  SharedSignals shared;
};

}  // namespace chatscale::recommender
