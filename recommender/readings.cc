#include "recommender/readings.h"

#include <algorithm>
#include <cmath>

namespace chatscale::recommender {

namespace {

constexpr double kLargest = 1e9;
constexpr double kLongestExecSeconds = 7 * 86400;
constexpr double kMostReplicas = 1e6;

std::optional<int> Replicas(MaybeNumber value, bool& partial) {
  value = Checked(value, partial);
  if (!value.has_value()) return std::nullopt;
  if (*value > kMostReplicas || *value != std::floor(*value)) {
    partial = true;
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

// false: say nothing at all about this sample.
bool ReadSample(const InputPolicy& policy, const SampleSignals& signals, absl::Time now,
                SampleReadings& readings) {
  if (!signals.sampled_at.has_value()) return false;
  readings.age = now - WholeNanoseconds(*signals.sampled_at);
  if (readings.age > policy.max_age || readings.age < -policy.max_age) return false;
  readings.fresh = true;
  readings.partial = signals.partial;
  readings.current = Replicas(signals.current_replicas, readings.partial);
  readings.postgres_per_replica =
      Checked(signals.postgres_connections_per_replica, readings.partial);
  readings.redis_per_replica = Checked(signals.redis_connections_per_replica, readings.partial);
  return true;
}

MaybeNumber Ratio(MaybeNumber part, MaybeNumber whole) {
  if (!part.has_value() || !whole.has_value() || *whole <= 0) return std::nullopt;
  return *part / *whole;
}

MaybeNumber Positive(MaybeNumber value) {
  if (value.has_value() && *value <= 0) return std::nullopt;
  return value;
}

MaybeNumber Or(MaybeNumber first, MaybeNumber second) { return first.has_value() ? first : second; }

// A percentile of too few samples says nothing; of an unstated number it is taken as it is.
MaybeNumber Sampled(MaybeNumber percentile, MaybeNumber samples, double min_samples) {
  if (samples.has_value() && *samples < min_samples) return std::nullopt;
  return percentile;
}

void ReadTasks(const ProcSignals& signals, ProcReadings& readings) {
  bool& partial = readings.partial;
  readings.total = Checked(signals.queue_total, partial);
  readings.waiting = Checked(signals.waiting, partial);
  const MaybeNumber busy = Checked(signals.busy_slots, partial);
  const MaybeNumber in_flight = Checked(signals.in_flight, partial);
  // Heartbeats that are missing hide running tasks; the list of claimed ones does not.
  readings.busy = Or(busy, in_flight);
  if (busy.has_value() && in_flight.has_value()) readings.busy = std::max(*busy, *in_flight);
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
  const MaybeNumber samples = Checked(signals.wait_samples, partial);
  const MaybeNumber p95 = Checked(signals.wait_p95_seconds, partial);
  readings.wait_p95 = Sampled(p95, samples, policy.min_samples);
  if (samples == 0.0 && readings.total == 0.0) readings.wait_p95 = 0;
  readings.oldest = Checked(signals.oldest_waiting_seconds, partial);
  const MaybeNumber completed = Checked(signals.completed, partial);
  readings.dequeued = Or(Checked(signals.dequeued, partial), Or(completed, samples));
  readings.completed = completed;
  readings.refused = Checked(signals.refused, partial);
}

}  // namespace

MaybeNumber Checked(MaybeNumber value, bool& partial) {
  if (!value.has_value()) return value;
  if (*value >= 0 && *value <= kLargest) return value;  // false for NaN
  partial = true;
  return std::nullopt;
}

IngressReadings Read(const InputPolicy& policy, const IngressSignals& signals, absl::Time now) {
  IngressReadings readings;
  if (!ReadSample(policy, signals, now, readings)) return readings;
  bool& partial = readings.partial;
  readings.streams = Checked(signals.streams, partial);
  if (!readings.streams.has_value()) {
    readings.streams = Checked(signals.streams_at_least, partial);
    readings.at_least = readings.streams.has_value();
    partial = partial || readings.at_least;
  }
  const MaybeNumber limit = Checked(signals.streams_per_replica, partial);
  const MaybeNumber capacity = Positive(Checked(signals.stream_capacity, partial));
  const MaybeNumber count =
      readings.current.has_value() ? MaybeNumber(*readings.current) : std::nullopt;
  readings.per_replica = Positive(Or(limit, Ratio(capacity, count)));
  if (readings.current != 0) {
    MaybeNumber room = capacity;
    if (!room.has_value() && limit.has_value() && count.has_value()) room = *limit * *count;
    readings.saturation = Ratio(readings.streams, room);
  }
  const MaybeNumber samples = Checked(signals.rest_samples, partial);
  const MaybeNumber requests = Or(Checked(signals.rest_requests, partial), samples);
  readings.rest_p95 =
      Sampled(Checked(signals.rest_p95_seconds, partial), samples, policy.min_samples);
  if (requests == 0.0) readings.rest_p95 = 0;
  return readings;
}

ProcReadings Read(const InputPolicy& policy, const ProcSignals& signals, absl::Time now) {
  ProcReadings readings;
  if (!ReadSample(policy, signals, now, readings)) return readings;
  bool& partial = readings.partial;
  ReadTasks(signals, readings);
  readings.per_replica = Positive(Checked(signals.slots_per_replica, partial));
  const MaybeNumber capacity = Checked(signals.queue_capacity, partial);
  const MaybeNumber pressure = Checked(signals.pressure, partial);
  const MaybeNumber utilization = Checked(signals.utilization, partial);
  readings.recorded_mean_pressure = Checked(signals.recorded_mean_pressure, partial);
  // Without a healthy replica the ratios are the upstream's placeholders, not measurements.
  if (readings.current != 0) {
    readings.pressure = Or(pressure, Ratio(readings.total, capacity));
    readings.utilization = Or(utilization, Ratio(readings.total, capacity));
  }
  ReadWait(policy, signals, readings);
  const MaybeNumber exec_samples = Checked(signals.exec_samples, partial);
  const MaybeNumber p50 = Checked(signals.exec_p50_seconds, partial);
  const MaybeNumber p95 = Checked(signals.exec_p95_seconds, partial);
  readings.exec_p50 = Sampled(p50, exec_samples, policy.min_samples);
  readings.exec_p95 = Sampled(p95, exec_samples, policy.min_samples);
  const bool absurd = readings.exec_p50.value_or(0) > kLongestExecSeconds;
  if (absurd || (readings.exec_p50 > readings.exec_p95 && readings.exec_p95.has_value())) {
    readings.partial = true;
    readings.exec_p50 = readings.exec_p95 = std::nullopt;
  }
  return readings;
}

}  // namespace chatscale::recommender
