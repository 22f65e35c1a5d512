// The state's fields by name, once, for everything that must not forget one: serializing, and
// moving the state in time.
//
// VisitFields(value, visit) calls visit(name, field) for each field of one struct; a visitor
// recurses into the structs of this file. Leaves: absl::Time, absl::Duration, numbers, bool, enums,
// and std::optional of these. Nested: structs, std::vector and std::array of structs.
#pragma once

#include <concepts>

#include "recommender/state.h"

namespace chatscale::recommender {

// Struct or const Struct.
template <typename T, typename Struct>
concept Some = std::same_as<std::remove_const_t<T>, Struct>;

void VisitFields(Some<TimedValue> auto& value, auto&& visit) {
  visit("at", value.at);
  visit("value", value.value);
}

void VisitFields(Some<SlidingMax> auto& value, auto&& visit) {
  visit("entries", value.entries);
  visit("head", value.head);
}

void VisitFields(Some<WindowMean::Bucket> auto& value, auto&& visit) {
  visit("start", value.start);
  visit("seconds", value.seconds);
  visit("area", value.area);
}

void VisitFields(Some<WindowMean> auto& value, auto&& visit) {
  visit("buckets", value.buckets);
  visit("last", value.last);
}

void VisitFields(Some<Trend> auto& value, auto&& visit) { visit("points", value.points); }

void VisitFields(Some<Change> auto& value, auto&& visit) {
  visit("at", value.at);
  visit("delta", value.delta);
}

void VisitFields(Some<RuleState> auto& value, auto&& visit) {
  visit("phase", value.phase);
  visit("truth", value.truth);
  visit("since", value.since);
  visit("known_at", value.known_at);
  visit("seen_at", value.seen_at);
  visit("unknown_for", value.unknown_for);
  visit("threshold", value.threshold);
  visit("for", value.duration);
  visit("enabled", value.enabled);
}

void VisitFields(Some<ComponentState> auto& value, auto&& visit) {
  visit("desired", value.desired);
  visit("last_sample", value.last_sample);
  visit("last_change", value.last_change);
  visit("need_known_at", value.need_known_at);
  visit("covered_since", value.covered_since);
  visit("differs_since", value.differs_since);
  visit("rules", value.rules);
  visit("need", value.need);
  visit("need_low", value.need_low);
  visit("demand", value.demand);
  visit("changes", value.changes);
}

void VisitFields(Some<ProcMemory> auto& value, auto&& visit) {
  visit("pressure", value.pressure);
  visit("service_seconds", value.service_seconds);
  visit("service_at", value.service_at);
  visit("stuck_since", value.stuck_since);
}

void VisitFields(Some<State> auto& value, auto&& visit) {
  visit("at", value.at);
  visit("ingress", value.ingress);
  visit("proc", value.proc);
  visit("proc_memory", value.proc_memory);
}

template <typename T>
concept HasFields = requires(T& value) {
  VisitFields(value, [](const char*, auto&) {});
};

// Adds `by` to every instant; those at infinity stay there.
void ShiftTimes(State& state, absl::Duration by);

}  // namespace chatscale::recommender
