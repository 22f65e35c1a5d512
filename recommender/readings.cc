#include "recommender/readings.h"

#include <algorithm>
#include <cmath>

namespace chatscale::recommender {

namespace {

constexpr double kLongestExecSeconds = 7 * 86400;
constexpr double kMostReplicas = 1e6;

// `into` stays unknown where the value is, or cannot be meant. Numbers are moved, not optionals:
// those are written in two parts and read in one, which the processor has to wait for.
void Take(const MaybeNumber& value, bool& partial, MaybeNumber& into) {
  if (!value.has_value()) return;
  if (IsPlausible(*value)) {
    into = *value;
  } else {
    partial = true;
  }
}

// As Take; 0 counts as unknown.
void TakePositive(const MaybeNumber& value, bool& partial, MaybeNumber& into) {
  if (value != 0.0) Take(value, partial, into);
}

void TakeReplicas(const MaybeNumber& value, bool& partial, std::optional<int>& into) {
  if (!value.has_value()) return;
  if (*value >= 0 && *value <= kMostReplicas && *value == std::floor(*value)) {
    into = static_cast<int>(*value);
  } else {
    partial = true;
  }
}

// false: say nothing at all about this sample.
bool ReadSample(const InputPolicy& policy, const SampleSignals& signals, absl::Time now,
                SampleReadings& readings) {
  if (!signals.sampled_at.has_value()) return false;
  readings.age = now - WholeNanoseconds(*signals.sampled_at);
  if (readings.age > policy.max_age || readings.age < -policy.max_age) return false;
  readings.fresh = true;
  bool& partial = readings.partial;
  partial = signals.partial;
  TakeReplicas(signals.current_replicas, partial, readings.current);
  Take(signals.postgres_connections_per_replica, partial, readings.postgres_per_replica);
  Take(signals.redis_connections_per_replica, partial, readings.redis_per_replica);
  return true;
}

void Divide(const MaybeNumber& part, const MaybeNumber& whole, MaybeNumber& into) {
  if (part.has_value() && whole.has_value() && *whole > 0) into = *part / *whole;
}

void CopyOr(const MaybeNumber& first, const MaybeNumber& second, MaybeNumber& into) {
  const MaybeNumber& known = first.has_value() ? first : second;
  if (known.has_value()) into = *known;
}

// A percentile of too few samples says nothing; of an unstated number it is taken as it is.
void TakeSampled(const MaybeNumber& percentile, const MaybeNumber& samples, double min_samples,
                 bool& partial, MaybeNumber& into) {
  Take(percentile, partial, into);
  if (samples.has_value() && *samples < min_samples) into.reset();
}

void ReadTasks(const ProcSignals& signals, ProcReadings& readings) {
  bool& partial = readings.partial;
  Take(signals.queue_total, partial, readings.total);
  Take(signals.waiting, partial, readings.waiting);
  MaybeNumber busy, in_flight;
  Take(signals.busy_slots, partial, busy);
  Take(signals.in_flight, partial, in_flight);
  // Heartbeats that are missing hide running tasks; the list of claimed ones does not.
  if (busy.has_value() || in_flight.has_value()) {
    readings.busy = std::max(busy.value_or(0), in_flight.value_or(0));
  }
  if (!readings.waiting.has_value() && readings.total.has_value() && readings.busy.has_value()) {
    readings.waiting = std::max(0.0, *readings.total - *readings.busy);
  }
  if (!readings.busy.has_value() && readings.total.has_value() && readings.waiting.has_value()) {
    readings.busy = std::max(0.0, *readings.total - *readings.waiting);
  }
  if (!readings.total.has_value() && readings.busy.has_value() && readings.waiting.has_value()) {
    readings.total = *readings.busy + *readings.waiting;
  }
}

void ReadWait(const InputPolicy& policy, const ProcSignals& signals, ProcReadings& readings) {
  bool& partial = readings.partial;
  MaybeNumber samples;
  Take(signals.wait_samples, partial, samples);
  TakeSampled(signals.wait_p95_seconds, samples, policy.min_samples, partial, readings.wait_p95);
  if (samples == 0.0 && readings.total == 0.0) readings.wait_p95 = 0;
  Take(signals.oldest_waiting_seconds, partial, readings.oldest);
  Take(signals.completed, partial, readings.completed);
  Take(signals.dequeued, partial, readings.dequeued);
  if (!readings.dequeued.has_value()) CopyOr(readings.completed, samples, readings.dequeued);
  Take(signals.refused, partial, readings.refused);
}

void ReadExecution(const InputPolicy& policy, const ProcSignals& signals, ProcReadings& readings) {
  bool& partial = readings.partial;
  MaybeNumber samples;
  Take(signals.exec_samples, partial, samples);
  TakeSampled(signals.exec_p50_seconds, samples, policy.min_samples, partial, readings.exec_p50);
  TakeSampled(signals.exec_p95_seconds, samples, policy.min_samples, partial, readings.exec_p95);
  const bool absurd = readings.exec_p50.value_or(0) > kLongestExecSeconds;
  if (absurd || (readings.exec_p50 > readings.exec_p95 && readings.exec_p95.has_value())) {
    partial = true;
    readings.exec_p50 = readings.exec_p95 = std::nullopt;
  }
}

}  // namespace

IngressReadings Read(const InputPolicy& policy, const IngressSignals& signals, absl::Time now) {
  IngressReadings readings;
  if (!ReadSample(policy, signals, now, readings)) return readings;
  bool& partial = readings.partial;
  Take(signals.streams, partial, readings.streams);
  if (!readings.streams.has_value()) {
    Take(signals.streams_at_least, partial, readings.streams);
    readings.at_least = readings.streams.has_value();
    partial = partial || readings.at_least;
  }
  MaybeNumber limit, capacity;
  Take(signals.streams_per_replica, partial, limit);
  TakePositive(signals.stream_capacity, partial, capacity);
  if (limit.has_value()) {
    if (*limit > 0) readings.per_replica = *limit;
  } else if (capacity.has_value() && readings.current.value_or(0) > 0) {
    readings.per_replica = *capacity / *readings.current;
  }
  if (readings.current != 0) {
    if (!capacity.has_value() && limit.has_value() && readings.current.has_value()) {
      capacity = *limit * *readings.current;
    }
    Divide(readings.streams, capacity, readings.saturation);
  }
  MaybeNumber samples, requests;
  Take(signals.rest_samples, partial, samples);
  Take(signals.rest_requests, partial, requests);
  TakeSampled(signals.rest_p95_seconds, samples, policy.min_samples, partial, readings.rest_p95);
  if (requests == 0.0 || (!requests.has_value() && samples == 0.0)) readings.rest_p95 = 0;
  return readings;
}

ProcReadings Read(const InputPolicy& policy, const ProcSignals& signals, absl::Time now) {
  ProcReadings readings;
  if (!ReadSample(policy, signals, now, readings)) return readings;
  bool& partial = readings.partial;
  ReadTasks(signals, readings);
  TakePositive(signals.slots_per_replica, partial, readings.per_replica);
  MaybeNumber capacity;
  Take(signals.queue_capacity, partial, capacity);
  Take(signals.recorded_mean_pressure, partial, readings.recorded_mean_pressure);
  Take(signals.pressure, partial, readings.pressure);
  Take(signals.utilization, partial, readings.utilization);
  if (readings.current == 0) {
    // Without a healthy replica the ratios are the upstream's placeholders, not measurements.
    readings.pressure = readings.utilization = std::nullopt;
  } else {
    if (!readings.pressure.has_value()) Divide(readings.total, capacity, readings.pressure);
    if (!readings.utilization.has_value()) Divide(readings.total, capacity, readings.utilization);
  }
  ReadWait(policy, signals, readings);
  ReadExecution(policy, signals, readings);
  return readings;
}

}  // namespace chatscale::recommender
