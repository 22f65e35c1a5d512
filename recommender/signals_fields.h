// The signals' fields by name; see state_fields.h.
#pragma once

#include "recommender/signals.h"
#include "recommender/state_fields.h"

namespace chatscale::recommender {

void VisitSample(auto& value, auto&& visit) {
  visit("sampled_at", value.sampled_at);
  visit("partial", value.partial);
  visit("current_replicas", value.current_replicas);
  visit("postgres_connections_per_replica", value.postgres_connections_per_replica);
  visit("redis_connections_per_replica", value.redis_connections_per_replica);
}

void VisitFields(Some<IngressSignals> auto& value, auto&& visit) {
  VisitSample(value, visit);
  visit("streams", value.streams);
  visit("stream_capacity", value.stream_capacity);
  visit("streams_per_replica", value.streams_per_replica);
  visit("rest_p95_seconds", value.rest_p95_seconds);
  visit("rest_samples", value.rest_samples);
  visit("rest_requests", value.rest_requests);
}

void VisitFields(Some<ProcSignals> auto& value, auto&& visit) {
  VisitSample(value, visit);
  visit("queue_total", value.queue_total);
  visit("waiting", value.waiting);
  visit("in_flight", value.in_flight);
  visit("busy_slots", value.busy_slots);
  visit("queue_capacity", value.queue_capacity);
  visit("pressure", value.pressure);
  visit("utilization", value.utilization);
  visit("wait_p95_seconds", value.wait_p95_seconds);
  visit("wait_samples", value.wait_samples);
  visit("oldest_waiting_seconds", value.oldest_waiting_seconds);
  visit("exec_p50_seconds", value.exec_p50_seconds);
  visit("exec_p95_seconds", value.exec_p95_seconds);
  visit("exec_samples", value.exec_samples);
  visit("dequeued", value.dequeued);
  visit("completed", value.completed);
  visit("slots_per_replica", value.slots_per_replica);
  visit("processes", value.processes);
}

void VisitFields(Some<SharedSignals> auto& value, auto&& visit) {
  visit("postgres_limit", value.postgres_limit);
  visit("redis_limit", value.redis_limit);
}

void VisitFields(Some<Signals> auto& value, auto&& visit) {
  visit("now", value.now);
  visit("ingress", value.ingress);
  visit("proc", value.proc);
  visit("shared", value.shared);
}

}  // namespace chatscale::recommender
