#include "recommender/readings.h"

#include <algorithm>
#include <cmath>

namespace chatscale::recommender {

namespace {

constexpr double kLongestExecSeconds = 7 * 86400;
constexpr double kMostReplicas = 1e6;

// Copies `value` to `into` if it is known and plausible. Assigns the number, not the optional: an
// optional is stored in two parts and loaded as one, which stalls the processor.
void Take(const MaybeNumber& value, bool& partial, MaybeNumber& into) {
  if (!value.has_value()) return;
  if (IsPlausible(*value)) {
    into = *value;
  } else {
    partial = true;
  }
}

// The same; 0 counts as unknown.
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

// false: the sample is missing, too old or from the future.
bool ReadSample(const InputPolicy& policy, const SampleSignals& signals, absl::Time now,
                SampleReadings& readings) {
  if (!signals.sampled_at.has_value()) return false;
  readings.age = now - WholeNanoseconds(*signals.sampled_at);
  if (readings.age > policy.max_age || readings.age < -policy.max_age) return false;
  readings.fresh = true;
  bool& partial = readings.partial;
  partial = signals.partial;
  TakeReplicas(signals.current_replicas, partial, readings.current);
  Take(signals.pool_utilization, partial, readings.pools);
  Take(signals.postgres_connections_per_replica, partial, readings.postgres_per_replica);
  Take(signals.redis_connections_per_replica, partial, readings.redis_per_replica);
  std::optional<int> draining;
  TakeReplicas(signals.draining_replicas, partial, draining);
  readings.draining = draining.value_or(0);
  return true;
}

void Divide(const MaybeNumber& part, const MaybeNumber& whole, MaybeNumber& into) {
  if (part.has_value() && whole.has_value() && *whole > 0) into = *part / *whole;
}

void CopyOr(const MaybeNumber& first, const MaybeNumber& second, MaybeNumber& into) {
  const MaybeNumber& known = first.has_value() ? first : second;
  if (known.has_value()) into = *known;
}

// A percentile of fewer than `min_samples` is unknown; without a sample count it is used as it is.
void TakeSampled(const MaybeNumber& percentile, const MaybeNumber& samples, double min_samples,
                 bool& partial, MaybeNumber& into) {
  Take(percentile, partial, into);
  if (samples.has_value() && *samples < min_samples) into.reset();
}

// Running tasks come from heartbeats: the list of claimed tasks includes those of dead and draining
// workers. It replaces them only where no load is known.
void ReadTasks(const ProcSignals& signals, ProcReadings& readings) {
  bool& partial = readings.partial;
  MaybeNumber in_flight;
  Take(signals.queue_total, partial, readings.total);
  Take(signals.waiting, partial, readings.waiting);
  Take(signals.busy_slots, partial, readings.busy);
  Take(signals.in_flight, partial, in_flight);
  const auto number = [&](const MaybeNumber& signal) {
    MaybeNumber value;
    Take(signal, partial, value);
    return value.value_or(0);
  };
  readings.draining_load = number(signals.draining_load);
  readings.jobs_waiting = number(signals.jobs_waiting);
  readings.jobs_claimed = number(signals.jobs_claimed);
  const double elsewhere = readings.draining_load;
  const auto rest = [](double whole, double part) { return std::max(0.0, whole - part); };
  if (readings.busy.has_value()) {
    const double runs = *readings.busy + elsewhere;
    if (in_flight.has_value()) {
      readings.orphaned = rest(*in_flight + readings.jobs_claimed, runs);
      readings.orphans_known = true;
    } else if (!readings.waiting.has_value() && readings.total.has_value()) {
      readings.orphaned = rest(*readings.total, runs);
    }
  } else if (in_flight.has_value()) {
    readings.busy = rest(*in_flight, elsewhere);
  } else if (readings.total.has_value() && readings.waiting.has_value()) {
    readings.busy = rest(*readings.total, *readings.waiting + elsewhere);
  }
  if (!readings.busy.has_value()) return;
  if (!readings.waiting.has_value() && readings.total.has_value()) {
    readings.waiting = rest(*readings.total, in_flight.value_or(*readings.busy + elsewhere));
  }
  if (!readings.total.has_value() && readings.waiting.has_value()) {
    readings.total = *readings.busy + *readings.waiting + elsewhere;
  }
}

void ReadSlots(const ProcSignals& signals, ProcReadings& readings) {
  bool& partial = readings.partial;
  TakePositive(signals.slots_per_replica, partial, readings.per_replica);
  TakePositive(signals.processes_per_replica, partial, readings.processes_per_replica);
  Take(signals.queue_capacity, partial, readings.capacity);
  Take(signals.live_slots, partial, readings.live_slots);
  Take(signals.free_slots, partial, readings.free_slots);
  Take(signals.free_processes, partial, readings.free_processes);
  Take(signals.free_load, partial, readings.free_load);
  Take(signals.idle_replicas, partial, readings.idle_replicas);
}

void ReadWait(const InputPolicy& policy, const ProcSignals& signals, ProcReadings& readings) {
  bool& partial = readings.partial;
  MaybeNumber samples;
  Take(signals.wait_samples, partial, samples);
  TakeSampled(signals.wait_p95_seconds, samples, policy.min_samples, partial, readings.wait_p95);
  if (samples == 0.0 && readings.total == 0.0) readings.wait_p95 = 0;
  Take(signals.oldest_waiting_seconds, partial, readings.oldest);
  Take(signals.completed, partial, readings.completed);
  CopyOr(readings.completed, samples, readings.ended);
  Take(signals.refused, partial, readings.refused);
  Take(signals.admitted_tasks, partial, readings.admitted_tasks);
  Take(signals.finished_tasks, partial, readings.finished_tasks);
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
  ReadTasks(signals, readings);
  ReadSlots(signals, readings);
  ReadWait(policy, signals, readings);
  ReadExecution(policy, signals, readings);
  return readings;
}

}  // namespace chatscale::recommender
