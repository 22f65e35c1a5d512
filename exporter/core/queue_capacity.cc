#include "exporter/core/queue_capacity.h"

#include <cmath>

namespace chatscale {
namespace {

bool IsProcessor(const std::string& source) {
  return source.empty() || source == "proc" || source == "processor" || source == "chat-proc" ||
         source == "chat_proc" || source == "chat:proc";
}

MaybeNumber CapacityOf(const Component& proc, const GatewayCapacity& config) {
  if (!proc.present || !config.concurrent_per_process || !config.capacity_buffer ||
      !config.queue_depth_multiplier || !IsProcessor(config.capacity_source)) {
    return std::nullopt;
  }
  double total = 0;
  for (const Instance& instance : proc.instance_list) {
    if (!instance.healthy_processes) return std::nullopt;
    const double slots = *config.concurrent_per_process * *instance.healthy_processes;
    total += std::trunc(slots * (1 - *config.capacity_buffer)) +
             std::trunc(slots * *config.queue_depth_multiplier);
  }
  return total;
}

}  // namespace

void CorrectQueueCapacity(Snapshot& snapshot) {
  QueueCapacity& capacity = snapshot.queue.capacity;
  capacity.corrected = CapacityOf(snapshot.proc, snapshot.gateway_proc);
  capacity.corrected_pressure.reset();
  capacity.corrected_utilization.reset();
  if (!capacity.corrected || *capacity.corrected <= 0) return;
  if (capacity.corrected == capacity.reported) {
    capacity.corrected_pressure = capacity.reported_pressure;
    capacity.corrected_utilization = capacity.reported_utilization;
  } else if (snapshot.queue.total) {
    capacity.corrected_pressure = *snapshot.queue.total / *capacity.corrected;
    capacity.corrected_utilization = capacity.corrected_pressure;
  }
}

MaybeNumber EffectiveCapacity(const QueueCapacity& capacity) {
  return capacity.corrected ? capacity.corrected : capacity.reported;
}

MaybeNumber EffectivePressure(const QueueCapacity& capacity) {
  if (capacity.corrected) return capacity.corrected_pressure;
  return capacity.reported == 0.0 ? std::nullopt : capacity.reported_pressure;
}

MaybeNumber EffectiveUtilization(const QueueCapacity& capacity) {
  if (capacity.corrected) return capacity.corrected_utilization;
  return capacity.reported == 0.0 ? std::nullopt : capacity.reported_utilization;
}

}  // namespace chatscale
