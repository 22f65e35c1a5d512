// What a queue seems to say and does not mean. All of the live processes' own set; pure.
//
//   blocked    Tasks wait beside free slots of live processes that accept work, and hardly any
//   starts:
//              the head belongs to a conversation whose turn still runs, applications are not
//              prepared, workers hang. More slots would not help. A process takes kClaimsPerSecond
//              tasks where it can, so that short tasks wait beside free slots while starts flow:
//              that is a shortage. Starts are told by how fast running tasks end (Little).
//   orphaned   Claimed tasks without a live process: no reason for more replicas, nor for fewer.
//              Heartbeats lag by up to ten seconds, and several of many always do: only what is
//              missing for all of kOrphanedFor counts.
//   doubted    The queue has less than half of the tasks that its processes run, for longer than
//              heartbeats lag: keys are gone (unless jobs wait: those may be what runs). Then
//              nothing is known of it, and what comes back later is no arrival.
//   lost       Tasks that leave the queue without a run: admitted, not finished, not in the system.
#pragma once

#include <optional>

#include "recommender/readings.h"
#include "recommender/windows.h"

namespace chatscale::recommender {

inline constexpr absl::Duration kHeartbeatLag = absl::Seconds(30);
inline constexpr absl::Duration kOrphanedFor = absl::Seconds(90);
inline constexpr double kClaimsPerSecond = 2.2;  // of one process; docs/upstream.md, D25
inline constexpr absl::Duration kLostWindow = absl::Minutes(5);

struct QueueMemory {
  std::optional<absl::Time> blocked_since;  // tasks wait beside free slots that take none
  std::optional<absl::Time> doubted_since;  // the queue reads empty, and processes are busy
  bool doubted = false;                     // at the newest evaluation
  SlidingMax explained;                     // of -orphaned, over kOrphanedFor
  Trend admitted;                           // counter of tasks, over kLostWindow
  Trend missing;                            // those neither finished nor in the system

  friend bool operator==(const QueueMemory&, const QueueMemory&) = default;
};

struct QueueFindings {
  double blocked_tasks = 0;  // of those waiting
  double blocked_slots = 0;  // free, and taking none
  double orphaned = 0;       // tasks
  double lost = 0;           // tasks of the last kLostWindow
  bool lost_most = false;    // most of what was admitted: no quiet to scale in on
  bool returned = false;     // the queue's keys are back: totals before say nothing of arrivals
};

// Takes what is doubted out of `readings`.
QueueFindings CheckQueue(absl::Time now, ProcReadings& readings, QueueMemory& memory);

}  // namespace chatscale::recommender
