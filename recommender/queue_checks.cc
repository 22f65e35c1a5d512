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
bool TakesNone(const CheckedProc& checked) {
  if (checked.free_load == 0.0) return true;
  if (!checked.completed.has_value() || checked.busy.value_or(0) <= 0) return false;
  const double starts = *checked.completed / kMinuteSeconds * *checked.free_load / *checked.busy;
  return starts < kHardlyAny * *checked.free_processes;
}

void FindBlocked(absl::Time now, const CheckedProc& checked, QueueMemory& memory,
                 QueueFindings& findings) {
  if (!checked.fresh) return;
  const double waiting = checked.waiting.value_or(0);
  const double slots = checked.free_slots.value_or(0);
  const double all = checked.live_slots.value_or(slots);
  const bool beside_free = waiting > 0 && slots > 0 && slots >= kFewestFree * all &&
                           checked.free_processes.value_or(0) > 0 && checked.free_load.has_value();
  if (!beside_free || !TakesNone(checked)) {
    memory.blocked_since.reset();
    return;
  }
  if (!memory.blocked_since.has_value()) memory.blocked_since = now;
  if (now - *memory.blocked_since < kHeartbeatLag) return;
  const double full = all - slots - *checked.free_load;
  const bool others_work = full >= kQuarterOfSlots * all && checked.completed.value_or(0) > 0;
  const bool most = slots >= kHalfOfSlots * all;
  findings.blocked_slots = slots;
  findings.blocked_tasks = most && !others_work ? waiting : std::min(waiting, slots);
}

void FindOrphaned(absl::Time now, const CheckedProc& checked, QueueMemory& memory,
                  QueueFindings& findings) {
  if (!checked.fresh) return;
  memory.explained.Add(now, -checked.orphaned, kOrphanedFor);
  findings.orphaned = -memory.explained.Max(now, kOrphanedFor).value_or(0);
}

void FindDoubt(absl::Time now, CheckedProc& checked, QueueMemory& memory, QueueFindings& findings) {
  if (!checked.fresh) return;
  const double chats = checked.busy.value_or(0) + checked.draining_load - checked.jobs_claimed;
  // Where background jobs wait, the running work may be jobs; and the keys of this Redis exist.
  const bool contradicts = checked.total.has_value() && *checked.total < kHalfOfTasks * chats;
  if (!contradicts || checked.jobs_waiting > 0) {
    findings.returned = memory.doubted && checked.total.has_value();
    memory.doubted = memory.doubted && !findings.returned;
    memory.doubted_since.reset();
    return;
  }
  if (!memory.doubted_since.has_value()) memory.doubted_since = now;
  memory.doubted = now - *memory.doubted_since >= kHeartbeatLag;
  if (!memory.doubted) return;
  checked.partial = true;
  checked.total.reset();
  checked.waiting.reset();
}

void FindLost(absl::Time now, const CheckedProc& checked, QueueMemory& memory,
              QueueFindings& findings) {
  if (!checked.admitted_tasks.has_value() || !checked.finished_tasks.has_value() ||
      !checked.total.has_value()) {
    return;
  }
  if (!memory.admitted.points.empty() &&
      *checked.admitted_tasks < memory.admitted.points.back().value) {
    memory.admitted = {};  // the counter restarted with its process
    memory.missing = {};
  }
  const double missing = *checked.admitted_tasks - *checked.finished_tasks - *checked.total;
  memory.admitted.Add(now, *checked.admitted_tasks, kLostWindow + kLostReach);
  memory.missing.Add(now, missing, kLostWindow + kLostReach);
  const MaybeNumber admitted = memory.admitted.At(now - kLostWindow, kLostReach);
  const MaybeNumber before = memory.missing.At(now - kLostWindow, kLostReach);
  if (!admitted.has_value() || !before.has_value()) return;
  const double lost = missing - *before;
  if (lost < kFewestLost) return;
  findings.lost = lost;
  findings.lost_most = lost > (*checked.admitted_tasks - *admitted) / 2;
}

}  // namespace

QueueFindings CheckQueue(absl::Time now, CheckedProc& checked, QueueMemory& memory) {
  QueueFindings findings;
  FindDoubt(now, checked, memory, findings);
  FindBlocked(now, checked, memory, findings);
  FindOrphaned(now, checked, memory, findings);
  FindLost(now, checked, memory, findings);
  return findings;
}

}  // namespace chatscale::recommender
