// The queue's capacity as it should have been computed. Pure.
//
// The upstream computes it with the configuration of whichever component answers (D3), and counts a
// process at 80 % load as none and a full one as fully there (D2). From the same document:
//
//   capacity = sum over instances of int(c*h*(1-b)) + int(c*h*m)       (upstream contract 4.2)
//     c  concurrent requests per process      the processor's slice of the configuration: the
//     b  capacity buffer, m  queue depth multiplier                      queue is the processor's
//     h  live processes of the instance: healthy, degraded and busy ones; not stale ones, of the
//        component that this slice names as the source of capacity (the processor, or ingress)
//
// So the upstream's documents have it. What is published and recommended by goes by the fleet:
//
//   of_fleet           the same, with s, the slots that the instance's processes say they have, for
//   c*h,
//                      of live processes that accept work (fleet_count.h)
//   of_fleet_pressure  tasks / of_fleet, without the tasks that draining processes run
#pragma once

#include "exporter/model/snapshot.h"

namespace chatscale {

// Of `slots` = c*h task slots: those that run tasks while the buffer is held back, and the places
// to wait in. In doubles and cut off in this order, because the upstream's result depends on it.
struct QueueRoom {
  double running = 0, waiting = 0;  // tasks

  double Total() const { return running + waiting; }
};
QueueRoom RoomOf(double slots, double buffer, double multiplier);

// From how many tasks on a class of user is refused; absent without its ratio.
Thresholds ThresholdsOf(const GatewayCapacity& config, double capacity);

// Pressure and utilization at the corrected capacity, which may be unknown. Where it equals the
// reported one, so do they, to the last digit; with no capacity at all they are unknown (D5).
void FillCorrected(MaybeNumber total, QueueCapacity& capacity);

// Thresholds of the corrected capacity, and who is accepted at the present depth.
void FillAdmission(const GatewayCapacity& config, QueueLoad& queue);

// Of a document: sets `queue.capacity.corrected*`, and thresholds and admission that agree with it.
// Absent when the document lacks an input, or does not list the service whose capacity it is.
void CorrectQueueCapacity(Snapshot& snapshot);

// Sets `queue.capacity.of_fleet*`. Absent where slots or the configuration are not known.
void FillFleetCapacity(Snapshot& snapshot);

// What consumers should use: of the fleet where known, else corrected, else reported.
MaybeNumber EffectiveCapacity(const QueueCapacity& capacity);
MaybeNumber EffectivePressure(const QueueCapacity& capacity);
MaybeNumber EffectiveUtilization(const QueueCapacity& capacity);

// How full the ingress service is. Pure.

// One of the sums; nullopt when it misses some of the live workers.
MaybeNumber WholeSum(const SseLoad& sse, MaybeNumber SseLoad::*sum);

// Streams / limit; nullopt when either is unknown or no limit is set (0).
MaybeNumber SaturationOf(MaybeNumber connections, MaybeNumber limit);

// The fleet's; nullopt when the sums are not whole, or no limit is known.
MaybeNumber SseSaturation(const SseLoad& sse);

}  // namespace chatscale
