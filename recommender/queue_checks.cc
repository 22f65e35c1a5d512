// Worked through: 4 processes with 10 slots each, 3 tasks of 20 s running in each, 5 tasks wait. A
// task ends every 20 / 12 s, so a process starts 0.15 a second where it could start 2.2: none of
// the 5 lacks a slot. With tasks of 2 s and 4 running in each, a process starts 2 a second: what
// waits does so because claims take time, and another process would take some.
#include "recommender/queue_checks.h"

#include <algorithm>

namespace chatscale::recommender {

namespace {

constexpr double kMinuteSeconds = 60;
constexpr double kHalfOfTasks = 0.5;  // of those that run: fewer in the queue contradict them
constexpr double kHardlyAny = 0.5;    // starts a second; a quarter of what a process takes
constexpr double kFewestFree = 0.2;   // of all slots: fewer are between two tasks
constexpr double kHalfOfSlots = 0.5;  // so many of all: what works is too little to judge by ...
constexpr double kQuarterOfSlots = 0.25;  // ... unless so many are full, and tasks end there
// Fewer are a message that joined a running turn, or a task between two keys.
constexpr double kFewestLost = 5;
constexpr absl::Duration kLostReach = absl::Minutes(1);

// Whether the processes with a free slot start next to nothing.
bool TakesNone(const ProcReadings& readings) {
  if (readings.free_load == 0.0) return true;
  if (!readings.completed.has_value() || readings.busy.value_or(0) <= 0) return false;
  const double starts = *readings.completed / kMinuteSeconds * *readings.free_load / *readings.busy;
  return starts < kHardlyAny * *readings.free_processes;
}

void FindBlocked(absl::Time now, const ProcReadings& readings, QueueMemory& memory,
                 QueueFindings& findings) {
  if (!readings.fresh) return;
  const double waiting = readings.waiting.value_or(0);
  const double slots = readings.free_slots.value_or(0);
  const double all = readings.live_slots.value_or(slots);
  const bool beside_free = waiting > 0 && slots > 0 && slots >= kFewestFree * all &&
                           readings.free_processes.value_or(0) > 0 &&
                           readings.free_load.has_value();
  if (!beside_free || !TakesNone(readings)) {
    memory.blocked_since.reset();
    return;
  }
  if (!memory.blocked_since.has_value()) memory.blocked_since = now;
  if (now - *memory.blocked_since < kHeartbeatLag) return;
  const double full = all - slots - *readings.free_load;
  const bool others_work = full >= kQuarterOfSlots * all && readings.completed.value_or(0) > 0;
  const bool most = slots >= kHalfOfSlots * all;
  findings.blocked_slots = slots;
  findings.blocked_tasks = most && !others_work ? waiting : std::min(waiting, slots);
}

void FindOrphaned(absl::Time now, const ProcReadings& readings, QueueMemory& memory,
                  QueueFindings& findings) {
  if (!readings.fresh) return;
  memory.explained.Add(now, -readings.orphaned, kOrphanedFor);
  findings.orphaned = -memory.explained.Max(now, kOrphanedFor).value_or(0);
}

void FindDoubt(absl::Time now, ProcReadings& readings, QueueMemory& memory,
               QueueFindings& findings) {
  if (!readings.fresh) return;
  const double chats = readings.busy.value_or(0) + readings.draining_load - readings.jobs_claimed;
  // Where background jobs wait, what runs may be jobs; and nobody emptied this Redis.
  const bool contradicts = readings.total.has_value() && *readings.total < kHalfOfTasks * chats;
  if (!contradicts || readings.jobs_waiting > 0) {
    findings.returned = memory.doubted && readings.total.has_value();
    memory.doubted = memory.doubted && !findings.returned;
    memory.doubted_since.reset();
    return;
  }
  if (!memory.doubted_since.has_value()) memory.doubted_since = now;
  memory.doubted = now - *memory.doubted_since >= kHeartbeatLag;
  if (!memory.doubted) return;
  readings.partial = true;
  readings.total.reset();
  readings.waiting.reset();
}

void FindLost(absl::Time now, const ProcReadings& readings, QueueMemory& memory,
              QueueFindings& findings) {
  if (!readings.admitted_tasks.has_value() || !readings.finished_tasks.has_value() ||
      !readings.total.has_value()) {
    return;
  }
  if (!memory.admitted.points.empty() &&
      *readings.admitted_tasks < memory.admitted.points.back().value) {
    memory.admitted = {};  // it counts from the start of the process
    memory.missing = {};
  }
  const double missing = *readings.admitted_tasks - *readings.finished_tasks - *readings.total;
  memory.admitted.Add(now, *readings.admitted_tasks, kLostWindow + kLostReach);
  memory.missing.Add(now, missing, kLostWindow + kLostReach);
  const MaybeNumber admitted = memory.admitted.At(now - kLostWindow, kLostReach);
  const MaybeNumber before = memory.missing.At(now - kLostWindow, kLostReach);
  if (!admitted.has_value() || !before.has_value()) return;
  const double lost = missing - *before;
  if (lost < kFewestLost) return;
  findings.lost = lost;
  findings.lost_most = lost > (*readings.admitted_tasks - *admitted) / 2;
}

}  // namespace

QueueFindings CheckQueue(absl::Time now, ProcReadings& readings, QueueMemory& memory) {
  QueueFindings findings;
  FindDoubt(now, readings, memory, findings);
  FindBlocked(now, readings, memory, findings);
  FindOrphaned(now, readings, memory, findings);
  FindLost(now, readings, memory, findings);
  return findings;
}

}  // namespace chatscale::recommender
