// Every field of the signals under its name; see state_fields.h.
#pragma once

#include <utility>

#include "recommender/signals.h"
#include "recommender/state_fields.h"

namespace chatscale::recommender {

template <typename V>
void VisitSampleFields(auto& s, V&& visit) {
  visit("sampled_at", s.sampled_at);
  visit("partial", s.partial);
  visit("current_replicas", s.current_replicas);
  visit("draining_replicas", s.draining_replicas);
  visit("pool_utilization", s.pool_utilization);
  visit("postgres_connections_per_replica", s.postgres_connections_per_replica);
  visit("redis_connections_per_replica", s.redis_connections_per_replica);
}

template <typename V>
void VisitFields(Is<IngressSignals> auto& s, V&& visit) {
  VisitSampleFields(s, visit);
  visit("streams", s.streams);
  visit("streams_at_least", s.streams_at_least);
  visit("stream_capacity", s.stream_capacity);
  visit("streams_per_replica", s.streams_per_replica);
  visit("rest_p95_seconds", s.rest_p95_seconds);
  visit("rest_samples", s.rest_samples);
  visit("rest_requests", s.rest_requests);
}

template <typename V>
void VisitFields(Is<ProcSignals> auto& s, V&& visit) {
  VisitSampleFields(s, visit);
  visit("queue_total", s.queue_total);
  visit("waiting", s.waiting);
  visit("in_flight", s.in_flight);
  visit("busy_slots", s.busy_slots);
  visit("draining_load", s.draining_load);
  visit("queue_capacity", s.queue_capacity);
  visit("live_slots", s.live_slots);
  visit("free_slots", s.free_slots);
  visit("free_processes", s.free_processes);
  visit("free_load", s.free_load);
  visit("idle_replicas", s.idle_replicas);
  visit("jobs_waiting", s.jobs_waiting);
  visit("jobs_claimed", s.jobs_claimed);
  visit("wait_p95_seconds", s.wait_p95_seconds);
  visit("wait_samples", s.wait_samples);
  visit("oldest_waiting_seconds", s.oldest_waiting_seconds);
  visit("exec_p50_seconds", s.exec_p50_seconds);
  visit("exec_p95_seconds", s.exec_p95_seconds);
  visit("exec_samples", s.exec_samples);
  visit("completed", s.completed);
  visit("refused", s.refused);
  visit("admitted_tasks", s.admitted_tasks);
  visit("finished_tasks", s.finished_tasks);
  visit("slots_per_replica", s.slots_per_replica);
  visit("processes_per_replica", s.processes_per_replica);
}

template <typename V>
void VisitFields(Is<SharedSignals> auto& s, V&& visit) {
  visit("postgres_limit", s.postgres_limit);
  visit("redis_limit", s.redis_limit);
}

template <typename V>
void VisitFields(Is<Signals> auto& s, V&& visit) {
  visit("now", s.now);
  visit("ingress", s.ingress);
  visit("proc", s.proc);
  visit("shared", s.shared);
}

}  // namespace chatscale::recommender
