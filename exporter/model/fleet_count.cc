#include "exporter/model/fleet_count.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace chatscale {
namespace {

// Most slots of a replica, in multiples of a typical one's: an exaggerated figure would hide that
// the other replicas are full.
constexpr double kMostTypical = 10;

// The lower middle value; nullopt if empty.
MaybeNumber LowerMedian(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Processes of one replica. Three or more instances show it themselves; a single one may be several
// replicas under one name, so the configuration decides.
double ProcessesPerReplica(const ServiceFleet& fleet, const std::vector<double>& working) {
  constexpr std::size_t kEnough = 3;
  const double configured = fleet.processes_per_instance.value_or(0);
  if (working.size() >= kEnough) return std::max(configured, *LowerMedian(working));
  return configured;
}

void Add(const MaybeNumber& value, MaybeNumber& sum) {
  if (sum && value) *sum += *value;
  if (!value) sum.reset();
}

}  // namespace

FleetCount CountFleet(const ServiceFleet& fleet) {
  FleetCount count;
  if (!fleet.present) return count;
  std::vector<double> working, slots;
  std::vector<std::pair<const Instance*, double>> counted;  // with their number of replicas
  for (const Instance& instance : fleet.instance_list) {
    if (instance.working.value_or(0) > 0) working.push_back(*instance.working);
  }
  const double per_replica = ProcessesPerReplica(fleet, working);
  count.replicas = count.draining_replicas = count.draining_load = 0;
  count.slots = count.running = 0;
  for (const Instance& instance : fleet.instance_list) {
    const double processes = std::min(instance.working.value_or(0), kMostProcesses);
    Add(MaybeNumber(instance.draining_load.value_or(0)), count.draining_load);
    if (processes <= 0) {
      const bool live = instance.processes.value_or(0) > instance.stale_processes.value_or(0);
      *count.draining_replicas += live && instance.draining.value_or(false) ? 1 : 0;
      continue;
    }
    const double replicas = per_replica > 0 ? std::ceil(processes / per_replica) : 1;
    count.shared_identity = count.shared_identity || replicas > 1;
    *count.replicas += replicas;
    if (instance.slots) slots.push_back(*instance.slots / replicas);
    counted.emplace_back(&instance, replicas);
  }
  count.slots_per_replica = LowerMedian(slots);
  for (const auto& [instance, replicas] : counted) {
    const double most = kMostTypical * count.slots_per_replica.value_or(0) * replicas;
    const MaybeNumber room =
        instance->slots ? MaybeNumber(std::min(*instance->slots, most)) : std::nullopt;
    Add(room, count.slots);
    Add(instance->running, count.running);
    if (!room || !instance->running) continue;
    if (*instance->running <= 0) count.idle_replicas += replicas;
    if (*instance->running < *room) {
      count.free_slots += *room - *instance->running;
      count.free_processes += std::min(instance->working.value_or(0), kMostProcesses);
      count.free_load += *instance->running;
    }
  }
  if (per_replica > 0 || !working.empty()) {
    count.processes_per_replica = per_replica > 0 ? MaybeNumber(per_replica) : LowerMedian(working);
  }
  return count;
}

bool SlotsDiffer(const ServiceFleet& fleet) {
  if (!fleet.concurrency_per_process) return false;
  return std::any_of(fleet.instance_list.begin(), fleet.instance_list.end(),
                     [&](const Instance& instance) {
                       return instance.working.value_or(0) > 0 && instance.slots &&
                              *instance.slots != *instance.working * *fleet.concurrency_per_process;
                     });
}

std::vector<std::string> FleetWarnings(const Snapshot& snapshot) {
  std::vector<std::string> warnings;
  for (const auto& [name, fleet] :
       {std::pair{"ingress", &snapshot.fleet.ingress}, std::pair{"proc", &snapshot.fleet.proc}}) {
    if (CountFleet(*fleet).shared_identity) {
      warnings.push_back(absl::StrCat(
          name, ": an instance has more processes than the ",
          fleet->processes_per_instance.value_or(0),
          " configured: replicas share one INSTANCE_ID, or processes_per_instance is out of date"));
    }
    if (fleet->other_scheduler) {
      warnings.push_back(absl::StrCat(name,
                                      ": the scheduler_backend of a process is unsupported: its "
                                      "waiting tasks are not counted"));
    }
    if (SlotsDiffer(*fleet)) {
      warnings.push_back(absl::StrCat(
          name, ": concurrent_requests_per_process is ", fleet->concurrency_per_process.value_or(0),
          " by configuration or default, and live processes report another number, which is used"));
    }
  }
  return warnings;
}

}  // namespace chatscale
