#include "recommender/checked_signals.h"

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
                CheckedSample& checked) {
  if (!signals.sampled_at.has_value()) return false;
  checked.age = now - WholeNanoseconds(*signals.sampled_at);
  if (checked.age > policy.max_age || checked.age < -policy.max_age) return false;
  checked.fresh = true;
  bool& partial = checked.partial;
  partial = signals.partial;
  TakeReplicas(signals.current_replicas, partial, checked.current);
  Take(signals.pool_utilization, partial, checked.pools);
  Take(signals.postgres_connections_per_replica, partial, checked.postgres_per_replica);
  Take(signals.redis_connections_per_replica, partial, checked.redis_per_replica);
  std::optional<int> draining;
  TakeReplicas(signals.draining_replicas, partial, draining);
  checked.draining = draining.value_or(0);
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
void ReadTasks(const ProcSignals& signals, CheckedProc& checked) {
  bool& partial = checked.partial;
  MaybeNumber in_flight;
  Take(signals.queue_total, partial, checked.total);
  Take(signals.waiting, partial, checked.waiting);
  Take(signals.busy_slots, partial, checked.busy);
  Take(signals.in_flight, partial, in_flight);
  const auto number = [&](const MaybeNumber& signal) {
    MaybeNumber value;
    Take(signal, partial, value);
    return value.value_or(0);
  };
  checked.draining_load = number(signals.draining_load);
  checked.jobs_waiting = number(signals.jobs_waiting);
  checked.jobs_claimed = number(signals.jobs_claimed);
  const double elsewhere = checked.draining_load;
  const auto rest = [](double whole, double part) { return std::max(0.0, whole - part); };
  if (checked.busy.has_value()) {
    const double runs = *checked.busy + elsewhere;
    if (in_flight.has_value()) {
      checked.orphaned = rest(*in_flight + checked.jobs_claimed, runs);
      checked.orphans_known = true;
    } else if (!checked.waiting.has_value() && checked.total.has_value()) {
      checked.orphaned = rest(*checked.total, runs);
    }
  } else if (in_flight.has_value()) {
    checked.busy = rest(*in_flight, elsewhere);
  } else if (checked.total.has_value() && checked.waiting.has_value()) {
    checked.busy = rest(*checked.total, *checked.waiting + elsewhere);
  }
  if (!checked.busy.has_value()) return;
  if (!checked.waiting.has_value() && checked.total.has_value()) {
    checked.waiting = rest(*checked.total, in_flight.value_or(*checked.busy + elsewhere));
  }
  if (!checked.total.has_value() && checked.waiting.has_value()) {
    checked.total = *checked.busy + *checked.waiting + elsewhere;
  }
}

void ReadSlots(const ProcSignals& signals, CheckedProc& checked) {
  bool& partial = checked.partial;
  TakePositive(signals.slots_per_replica, partial, checked.per_replica);
  TakePositive(signals.processes_per_replica, partial, checked.processes_per_replica);
  Take(signals.queue_capacity, partial, checked.capacity);
  Take(signals.live_slots, partial, checked.live_slots);
  Take(signals.free_slots, partial, checked.free_slots);
  Take(signals.free_processes, partial, checked.free_processes);
  Take(signals.free_load, partial, checked.free_load);
  Take(signals.idle_replicas, partial, checked.idle_replicas);
}

void ReadWait(const InputPolicy& policy, const ProcSignals& signals, CheckedProc& checked) {
  bool& partial = checked.partial;
  MaybeNumber samples;
  Take(signals.wait_samples, partial, samples);
  TakeSampled(signals.wait_p95_seconds, samples, policy.min_samples, partial, checked.wait_p95);
  if (samples == 0.0 && checked.total == 0.0) checked.wait_p95 = 0;
  Take(signals.oldest_waiting_seconds, partial, checked.oldest);
  Take(signals.completed, partial, checked.completed);
  CopyOr(checked.completed, samples, checked.ended);
  Take(signals.refused, partial, checked.refused);
  Take(signals.admitted_tasks, partial, checked.admitted_tasks);
  Take(signals.finished_tasks, partial, checked.finished_tasks);
}

void ReadExecution(const InputPolicy& policy, const ProcSignals& signals, CheckedProc& checked) {
  bool& partial = checked.partial;
  MaybeNumber samples;
  Take(signals.exec_samples, partial, samples);
  TakeSampled(signals.exec_p50_seconds, samples, policy.min_samples, partial, checked.exec_p50);
  TakeSampled(signals.exec_p95_seconds, samples, policy.min_samples, partial, checked.exec_p95);
  const bool absurd = checked.exec_p50.value_or(0) > kLongestExecSeconds;
  if (absurd || (checked.exec_p50 > checked.exec_p95 && checked.exec_p95.has_value())) {
    partial = true;
    checked.exec_p50 = checked.exec_p95 = std::nullopt;
  }
}

}  // namespace

CheckedIngress Read(const InputPolicy& policy, const IngressSignals& signals, absl::Time now) {
  CheckedIngress checked;
  if (!ReadSample(policy, signals, now, checked)) return checked;
  bool& partial = checked.partial;
  Take(signals.streams, partial, checked.streams);
  if (!checked.streams.has_value()) {
    Take(signals.streams_at_least, partial, checked.streams);
    checked.at_least = checked.streams.has_value();
    partial = partial || checked.at_least;
  }
  MaybeNumber limit, capacity;
  Take(signals.streams_per_replica, partial, limit);
  TakePositive(signals.stream_capacity, partial, capacity);
  if (limit.has_value()) {
    if (*limit > 0) checked.per_replica = *limit;
  } else if (capacity.has_value() && checked.current.value_or(0) > 0) {
    checked.per_replica = *capacity / *checked.current;
  }
  if (checked.current != 0) {
    if (!capacity.has_value() && limit.has_value() && checked.current.has_value()) {
      capacity = *limit * *checked.current;
    }
    Divide(checked.streams, capacity, checked.saturation);
  }
  MaybeNumber samples;
  Take(signals.rest_samples, partial, samples);
  TakeSampled(signals.rest_p95_seconds, samples, policy.min_samples, partial, checked.rest_p95);
  if (samples == 0.0) checked.rest_p95 = 0;
  return checked;
}

CheckedProc Read(const InputPolicy& policy, const ProcSignals& signals, absl::Time now) {
  CheckedProc checked;
  if (!ReadSample(policy, signals, now, checked)) return checked;
  ReadTasks(signals, checked);
  ReadSlots(signals, checked);
  ReadWait(policy, signals, checked);
  ReadExecution(policy, signals, checked);
  return checked;
}

}  // namespace chatscale::recommender
