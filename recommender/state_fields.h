// State fields: every field of the state by name, for serialization and time shifts.
//
//   VisitFields(state, [](std::string_view name, auto& field) { ... });
//
// A nested record is visited as a whole; call VisitFields on it for its own fields.
#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "recommender/signals.h"
#include "recommender/state.h"

namespace chatscale::recommender {

template <typename S, typename T>
concept Is = std::same_as<std::remove_const_t<S>, T>;

template <typename V>
void VisitFields(Is<RuleState> auto& s, V&& visit) {
  visit("phase", s.phase);
  visit("truth", s.truth);
  visit("since", s.since);
  visit("known_at", s.known_at);
  visit("seen_at", s.seen_at);
  visit("unknown_for", s.unknown_for);
  visit("threshold", s.threshold);
  visit("duration", s.duration);
  visit("enabled", s.enabled);
}

template <typename V>
void VisitFields(Is<TimedValue> auto& s, V&& visit) {
  visit("at", s.at);
  visit("value", s.value);
}

template <typename V>
void VisitFields(Is<SlidingMax> auto& s, V&& visit) {
  visit("entries", s.entries);
  visit("head", s.head);
}

template <typename V>
void VisitFields(Is<WindowMean::Bucket> auto& s, V&& visit) {
  visit("start", s.start);
  visit("seconds", s.seconds);
  visit("area", s.area);
}

template <typename V>
void VisitFields(Is<WindowMean> auto& s, V&& visit) {
  visit("buckets", s.buckets);
  visit("last", s.last);
}

template <typename V>
void VisitFields(Is<Trend> auto& s, V&& visit) {
  visit("points", s.points);
}

template <typename V>
void VisitFields(Is<ArrivalMemory> auto& s, V&& visit) {
  visit("totals", s.totals);
  visit("counts", s.counts);
  visit("smoothed", s.smoothed);
  visit("paired_at", s.paired_at);
  visit("pairs", s.pairs);
  visit("differences", s.differences);
  visit("sums", s.sums);
}

template <typename V>
void VisitFields(Is<SeasonScore> auto& s, V&& visit) {
  visit("helped", s.helped);
  visit("idle", s.idle);
  visit("judged", s.judged);
}

template <typename V>
void VisitFields(Is<BinForecasts> auto& s, V&& visit) {
  visit("bin", s.bin);
  visit("known", s.known);
  visit("loads", s.loads);
}

template <typename V>
void VisitFields(Is<SeasonMemory> auto& s, V&& visit) {
  visit("loads", s.loads);
  visit("bin", s.bin);
  visit("sum", s.sum);
  visit("count", s.count);
  visit("foreseen", s.foreseen);
  visit("scores", s.scores);
}

template <typename V>
void VisitFields(Is<Change> auto& s, V&& visit) {
  visit("at", s.at);
  visit("delta", s.delta);
}

template <typename V>
void VisitFields(Is<StartupMemory> auto& s, V&& visit) {
  visit("asked_at", s.asked_at);
  visit("before", s.before);
  visit("seconds", s.seconds);
}

template <typename V>
void VisitFields(Is<FirstView> auto& s, V&& visit) {
  visit("since", s.since);
  visit("grown_at", s.grown_at);
  visit("count", s.count);
  visit("most", s.most);
}

template <typename V>
void VisitFields(Is<QueueMemory> auto& s, V&& visit) {
  visit("blocked_since", s.blocked_since);
  visit("doubted_since", s.doubted_since);
  visit("doubted", s.doubted);
  visit("explained", s.explained);
  visit("admitted", s.admitted);
  visit("missing", s.missing);
}

template <typename V>
void VisitFields(Is<ServiceState> auto& s, V&& visit) {
  visit("desired", s.desired);
  visit("last_sample", s.last_sample);
  visit("last_change", s.last_change);
  visit("last_out", s.last_out);
  visit("need_known_at", s.need_known_at);
  visit("covered_since", s.covered_since);
  visit("covered", s.covered);
  visit("view", s.view);
  visit("ordered", s.ordered);
  visit("surplus_since", s.surplus_since);
  visit("shortage_since", s.shortage_since);
  visit("overrun_since", s.overrun_since);
  visit("outage_since", s.outage_since);
  visit("outage_from", s.outage_from);
  visit("seen", s.seen);
  visit("rules", s.rules);
  visit("need", s.need);
  visit("floor", s.floor);
  visit("need_low", s.need_low);
  visit("demand", s.demand);
  visit("changes", s.changes);
  visit("startup", s.startup);
}

template <typename V>
void VisitFields(Is<ProcMemory> auto& s, V&& visit) {
  visit("pressure", s.pressure);
  visit("arrivals", s.arrivals);
  visit("season", s.season);
  visit("service_seconds", s.service_seconds);
  visit("service_at", s.service_at);
  visit("service_watched", s.service_watched);
  visit("stuck_since", s.stuck_since);
  visit("queue", s.queue);
}

template <typename V>
void VisitFields(Is<State> auto& s, V&& visit) {
  visit("at", s.at);
  visit("interval", s.interval);
  visit("ingress", s.ingress);
  visit("proc", s.proc);
  visit("proc_memory", s.proc_memory);
}

// Shifts every instant by `by`; durations stay.
void ShiftTimes(State& state, absl::Duration by);

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
