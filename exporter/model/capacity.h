// Queue capacity: corrects the upstream's figure. Also SSE saturation. Pure.
//
// The upstream computes capacity with the configuration of the component that responds (D3),
// without processes at 80 % load and with full ones (D2). From the same document:
//
//   capacity = sum over instances of int(c*h*(1-b)) + int(c*h*m)
//     c  concurrent requests per process; b  capacity buffer; m  queue depth multiplier: from the
//        processor's slice of the configuration, as the queue is the processor's
//     h  live processes of the instance (healthy, degraded, busy; not stale), of the component that
//        this slice names as the source of capacity (the processor, or ingress)
//
// Published figures and recommendations use the working fleet (fleet_count.h) instead:
//
//   of_fleet           the same, with the slots that live processes which accept work report, for
//   c*h of_fleet_pressure  tasks / of_fleet, without the tasks of draining processes
//
// Source: docs/upstream.md, Wrong figures.
#pragma once

#include "exporter/model/snapshot.h"

namespace chatscale {

// Capacity of `slots` = c*h task slots: the slots beside the buffer, and the places to wait in.
// Computed in doubles and truncated in this order, as the upstream does.
struct QueueRoom {
  double running = 0, waiting = 0;  // tasks

  double Total() const { return running + waiting; }
};
QueueRoom RoomOf(double slots, double buffer, double multiplier);

// Number of queued tasks from which a user class is refused; absent without its ratio.
Thresholds ThresholdsOf(const GatewayCapacity& config, double capacity);

// Sets pressure and utilization at the corrected capacity. Where it equals the reported capacity,
// the reported values are copied exactly; without capacity they are unknown (D5).
void FillCorrected(MaybeNumber total, QueueCapacity& capacity);

// Sets the thresholds of the corrected capacity, and which user types are accepted at this depth.
void FillAdmission(const GatewayCapacity& config, QueueLoad& queue);

// Sets `queue.capacity.corrected*` of a document, and matching thresholds and admission. Absent
// when the document lacks an input, or does not list the service that is the source of capacity.
void CorrectQueueCapacity(Snapshot& snapshot);

// Sets `queue.capacity.of_fleet*`; absent where slots or configuration are unknown.
void FillFleetCapacity(Snapshot& snapshot);

// The value for consumers: of_fleet where known, else corrected, else reported.
MaybeNumber EffectiveCapacity(const QueueCapacity& capacity);
MaybeNumber EffectivePressure(const QueueCapacity& capacity);
MaybeNumber EffectiveUtilization(const QueueCapacity& capacity);

// One of the sums; nullopt when it does not cover every live worker.
MaybeNumber WholeSum(const SseLoad& sse, MaybeNumber SseLoad::*sum);

// connections / limit; nullopt when either is unknown or the limit is 0 (none set).
MaybeNumber SaturationOf(MaybeNumber connections, MaybeNumber limit);

// Saturation of the fleet; nullopt when the sums are partial, or no limit is known.
MaybeNumber SseSaturation(const SseLoad& sse);

}  // namespace chatscale
