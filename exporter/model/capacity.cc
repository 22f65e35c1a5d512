#include "exporter/model/capacity.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "exporter/model/fleet_count.h"

namespace chatscale {

namespace {

bool IsOneOf(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

// The service that is the source of capacity; null if the document does not list it.
const ServiceFleet* SourceOf(const Snapshot& snapshot) {
  const std::string& source = snapshot.gateway_proc.capacity_source;
  if (IsOneOf(source, {"", "proc", "processor", "chat-proc", "chat_proc", "chat:proc"})) {
    return &snapshot.fleet.proc;
  }
  if (IsOneOf(source, {"ingress", "rest", "chat-rest", "chat_rest", "chat:rest"})) {
    return &snapshot.fleet.ingress;
  }
  return nullptr;
}

MaybeNumber CapacityOf(const ServiceFleet& source, const GatewayCapacity& config) {
  if (!source.present || !config.concurrent_per_process || !config.capacity_buffer ||
      !config.queue_depth_multiplier) {
    return std::nullopt;
  }
  double total = 0;
  for (const Instance& instance : source.instance_list) {
    if (!instance.healthy_processes) return std::nullopt;
    total += RoomOf(*config.concurrent_per_process * *instance.healthy_processes,
                    *config.capacity_buffer, *config.queue_depth_multiplier)
                 .Total();
  }
  return total;
}

}  // namespace

QueueRoom RoomOf(double slots, double buffer, double multiplier) {
  return {.running = std::trunc(slots * (1 - buffer)), .waiting = std::trunc(slots * multiplier)};
}

Thresholds ThresholdsOf(const GatewayCapacity& config, double capacity) {
  const auto at = [capacity](MaybeNumber ratio) -> MaybeNumber {
    if (!ratio) return std::nullopt;
    return std::trunc(capacity * *ratio);
  };
  return {.anonymous = at(config.anonymous_ratio),
          .registered = at(config.registered_ratio),
          .paid = at(config.paid_ratio),
          .hard_limit = at(config.hard_limit_ratio)};
}

namespace {

// Corrected and reported capacity are equal: the upstream's derived values are kept exactly.
bool Agree(const QueueCapacity& capacity) {
  return capacity.corrected && *capacity.corrected > 0 && capacity.corrected == capacity.reported;
}

}  // namespace

void FillCorrected(MaybeNumber total, QueueCapacity& capacity) {
  capacity.corrected_pressure.reset();
  capacity.corrected_utilization.reset();
  if (!capacity.corrected || *capacity.corrected <= 0) return;
  if (Agree(capacity)) {
    capacity.corrected_pressure = capacity.reported_pressure;
    capacity.corrected_utilization = capacity.reported_utilization;
  } else if (total) {
    capacity.corrected_pressure = *total / *capacity.corrected;
    capacity.corrected_utilization = capacity.corrected_pressure;
  }
}

void FillAdmission(const GatewayCapacity& config, QueueLoad& queue) {
  const Thresholds t = ThresholdsOf(config, *queue.capacity.corrected);
  queue.capacity.thresholds = t;
  const auto set = [&](UserType type, MaybeNumber threshold) {
    std::optional<bool>& accepting = queue.accepting[static_cast<std::size_t>(type)];
    accepting.reset();
    if (threshold && queue.total) accepting = *queue.total < *threshold;
  };
  set(UserType::kAnonymous, t.anonymous);
  set(UserType::kRegistered, t.registered);
  set(UserType::kPaid, t.paid);
  set(UserType::kPrivileged, t.hard_limit);
}

void CorrectQueueCapacity(Snapshot& snapshot) {
  QueueCapacity& capacity = snapshot.queue.capacity;
  const ServiceFleet* source = SourceOf(snapshot);
  capacity.corrected =
      source == nullptr ? std::nullopt : CapacityOf(*source, snapshot.gateway_proc);
  // Implausibly large.
  if (capacity.corrected && *capacity.corrected > kMostCount) capacity.corrected.reset();
  FillCorrected(snapshot.queue.total, capacity);
  // The upstream's thresholds and admission belong to its own capacity.
  if (capacity.corrected && !Agree(capacity)) FillAdmission(snapshot.gateway_proc, snapshot.queue);
}

void FillFleetCapacity(Snapshot& snapshot) {
  const GatewayCapacity& config = snapshot.gateway_proc;
  const ServiceFleet* source = SourceOf(snapshot);
  if (source == nullptr || !source->present || !config.capacity_buffer ||
      !config.queue_depth_multiplier) {
    return;
  }
  double total = 0;
  for (const Instance& instance : source->instance_list) {
    MaybeNumber slots = instance.slots;
    if (!slots && instance.working && config.concurrent_per_process) {
      slots = *instance.working * *config.concurrent_per_process;
    }
    if (!slots) return;
    total += RoomOf(*slots, *config.capacity_buffer, *config.queue_depth_multiplier).Total();
  }
  if (total > kMostCount) return;
  QueueCapacity& capacity = snapshot.queue.capacity;
  capacity.of_fleet = total;
  if (!snapshot.queue.total || total <= 0) return;
  const double draining = CountFleet(snapshot.fleet.proc).draining_load.value_or(0);
  // Where all figures agree, the value is copied exactly.
  capacity.of_fleet_pressure = total == capacity.corrected && draining <= 0
                                   ? capacity.corrected_pressure
                                   : std::max(0.0, *snapshot.queue.total - draining) / total;
}

MaybeNumber EffectiveCapacity(const QueueCapacity& capacity) {
  if (capacity.of_fleet) return capacity.of_fleet;
  return capacity.corrected ? capacity.corrected : capacity.reported;
}

MaybeNumber EffectivePressure(const QueueCapacity& capacity) {
  if (capacity.of_fleet) return capacity.of_fleet_pressure;
  if (capacity.corrected) return capacity.corrected_pressure;
  return capacity.reported == 0.0 ? std::nullopt : capacity.reported_pressure;
}

MaybeNumber EffectiveUtilization(const QueueCapacity& capacity) {
  if (capacity.of_fleet && capacity.of_fleet_pressure != capacity.corrected_pressure) {
    return capacity.of_fleet_pressure;
  }
  if (capacity.corrected) return capacity.corrected_utilization;
  return capacity.reported == 0.0 ? std::nullopt : capacity.reported_utilization;
}

MaybeNumber WholeSum(const SseLoad& sse, MaybeNumber SseLoad::*sum) {
  return sse.IsWhole() ? sse.*sum : std::nullopt;
}

MaybeNumber SaturationOf(MaybeNumber connections, MaybeNumber limit) {
  if (!connections || !limit || *limit <= 0) return std::nullopt;
  return *connections / *limit;
}

MaybeNumber SseSaturation(const SseLoad& sse) {
  return SaturationOf(WholeSum(sse, &SseLoad::connections), WholeSum(sse, &SseLoad::limit));
}

}  // namespace chatscale
