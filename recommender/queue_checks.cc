// Queue checks, by example: 4 processes with 10 slots each run 3 tasks of 20 s each, and 5 tasks
// wait. A task ends every 20 / 12 s, so a process starts 0.15 tasks a second and could start 2.2:
// none of the 5 lacks a slot. With tasks of 2 s and 4 running in each, a process starts 2 a second:
// tasks wait because claims take time, and another process would take some.
#include "recommender/queue_checks.h"

#include <algorithm>

namespace chatscale::recommender {

namespace {

constexpr double kMinuteSeconds = 60;
constexpr double kHalfOfTasks =
    0.5;  // of running tasks: fewer in the queue contradict the heartbeats
constexpr double kHardlyAny = 0.5;    // starts per second; a quarter of what a process can start
constexpr double kFewestFree = 0.2;   // of all slots: fewer are merely between two tasks
constexpr double kHalfOfSlots = 0.5;  // of all slots: more free ones leave too few to judge by, ...
constexpr double kQuarterOfSlots = 0.25;  // ... unless this share is full and tasks end there
// Fewer are messages that joined a running turn, or tasks between two keys.
constexpr double kFewestLost = 5;
constexpr absl::Duration kLostReach = absl::Minutes(1);

// Whether processes with a free slot start almost no tasks.
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
  // Where background jobs wait, the running work may be jobs; and the keys of this Redis exist.
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
    memory.admitted = {};  // the counter restarted with its process
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
