// Queue checks: recognize queue figures that do not mean a lack of slots. Counted over live
// processes that accept work; pure.
//
//   blocked    Tasks wait beside free slots of processes, and hardly any start: the head belongs
//              to a conversation whose turn still runs, applications are not prepared, or workers
//              hang. More slots would not help. A process starts at most kClaimsPerSecond tasks,
//              so short tasks wait beside free slots while starts flow: that is a shortage. The
//              start rate is derived from how fast running tasks end (Little).
//   orphaned   Claimed tasks without a live process: no reason to scale in either direction.
//              Heartbeats lag by up to ten seconds, and some of many always do: only tasks
//              missing for all of kOrphanedFor count.
//   doubted    The queue has less than half of the tasks that its processes run, for longer than
//              heartbeats lag: keys were lost (unless jobs wait, which may be what runs). The
//              queue is then unknown, and tasks that reappear later are not arrivals.
//   lost       Tasks that leave the queue without a run: admitted, unfinished, not in the system.
#pragma once

#include <optional>

#include "recommender/checked_signals.h"
#include "recommender/windows.h"

namespace chatscale::recommender {

inline constexpr absl::Duration kHeartbeatLag = absl::Seconds(30);
inline constexpr absl::Duration kOrphanedFor = absl::Seconds(90);
inline constexpr double kClaimsPerSecond = 2.2;  // of one process; docs/upstream.md, D25
inline constexpr absl::Duration kLostWindow = absl::Minutes(5);

struct QueueMemory {
  std::optional<absl::Time> blocked_since;  // tasks wait beside free slots that take none
  std::optional<absl::Time> doubted_since;  // the queue reads empty while processes are busy
  bool doubted = false;                     // at the newest evaluation
  SlidingMax explained;                     // maximum of -orphaned, over kOrphanedFor
  Trend admitted;                           // counter of admitted tasks, over kLostWindow
  Trend missing;                            // tasks neither finished nor in the system

  friend bool operator==(const QueueMemory&, const QueueMemory&) = default;
};

struct QueueFindings {
  double blocked_tasks = 0;  // waiting tasks that lack no slot
  double blocked_slots = 0;  // free slots that take none
  double orphaned = 0;       // tasks
  double lost = 0;           // tasks of the last kLostWindow
  bool lost_most = false;    // most admitted tasks were lost: no scale-in
  bool returned = false;     // the queue's keys are back: earlier totals say nothing about arrivals
};

// Clears doubted values in `checked`.
QueueFindings CheckQueue(absl::Time now, CheckedProc& checked, QueueMemory& memory);

}  // namespace chatscale::recommender
