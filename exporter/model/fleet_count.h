// Fleet count: the set of processes over which every figure of a recommendation is taken. Pure.
//
// - live: its heartbeat is within the limit, not from the future, and states its health;
// - draining: live, and accepts no new work, or belongs to an instance that ends;
// - working: live and not draining. The fleet is its slots, tasks and instance.
//
// docs/redis-mode.md has the table. A process's own figures take precedence over the configuration.
#pragma once

#include <string>
#include <vector>

#include "exporter/model/snapshot.h"

namespace chatscale {

struct FleetCount {
  MaybeNumber replicas;           // with a working process; nullopt: the source has no section
  MaybeNumber draining_replicas;  // live, without a working process
  MaybeNumber slots;              // of working processes; nullopt: unknown
  MaybeNumber running;            // tasks they run; nullopt: not known of all of them
  MaybeNumber draining_load;      // tasks of draining processes
  // Of instances with a free slot: free slots, processes, and the tasks they run.
  double free_slots = 0, free_processes = 0, free_load = 0;
  double idle_replicas = 0;  // without a running task
  // Of a typical replica: the lower median, so that sizing uses the smaller one during a change.
  MaybeNumber slots_per_replica, processes_per_replica;
  // An instance has more processes than configured: replicas share an INSTANCE_ID.
  bool shared_identity = false;
};
FleetCount CountFleet(const ServiceFleet& fleet);

// Whether configuration and processes disagree about the slots of a process.
bool SlotsDiffer(const ServiceFleet& fleet);

// Sentences about disagreements between configuration and processes, naming the setting to change.
// The text stays the same while only counts change.
std::vector<std::string> FleetWarnings(const Snapshot& snapshot);

}  // namespace chatscale
