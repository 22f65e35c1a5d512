// Who is counted: every figure of a recommendation is taken over the same processes. Pure.
//
// - live: its heartbeat is not older than the limit, not from the future, and says how it fares;
// - draining: live, and says that it takes no new work, or that its instance ends;
// - working: live and not draining. Its slots, its tasks and its instance are the fleet.
//
// docs/redis-mode.md has the table. What a process says beats what configuration implies.
#pragma once

#include <string>
#include <vector>

#include "exporter/model/snapshot.h"

namespace chatscale {

struct FleetCount {
  MaybeNumber replicas;           // with a working process; nullopt: the source has no section
  MaybeNumber draining_replicas;  // live, without a working process
  MaybeNumber slots;              // of working processes; nullopt: not known
  MaybeNumber running;            // tasks they run; nullopt: not known of all of them
  MaybeNumber draining_load;      // tasks of draining processes
  // Of instances with a free slot: those slots, their processes and the tasks that these run.
  double free_slots = 0, free_processes = 0, free_load = 0;
  double idle_replicas = 0;  // that run no task
  // Of a typical replica (the lower median, so that a fleet half changed is sized by the smaller).
  MaybeNumber slots_per_replica, processes_per_replica;
  // More processes on an instance than it is configured for: replicas share an INSTANCE_ID.
  bool shared_identity = false;
};
FleetCount CountFleet(const ServiceFleet& fleet);

// Configuration and processes disagree about slots of a process.
bool SlotsDiffer(const ServiceFleet& fleet);

// Where configuration and processes disagree, a sentence for people that names what to set. The
// same while nothing but counts changes.
std::vector<std::string> FleetWarnings(const Snapshot& snapshot);

}  // namespace chatscale
