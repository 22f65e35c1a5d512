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
#pragma once

#include "exporter/core/snapshot.h"

namespace chatscale {

// Sets `queue.capacity.corrected*`, and thresholds and admission that agree with it. Absent when
// the document lacks an input, or does not list the component whose capacity it is. With no
// capacity at all, pressure and utilization are unknown, not 1.0 (D5). Where the corrected capacity
// equals the reported one, so do pressure and utilization, to the last digit.
void CorrectQueueCapacity(Snapshot& snapshot);

// What consumers should use: corrected where known, else reported.
MaybeNumber EffectiveCapacity(const QueueCapacity& capacity);
MaybeNumber EffectivePressure(const QueueCapacity& capacity);
MaybeNumber EffectiveUtilization(const QueueCapacity& capacity);

}  // namespace chatscale
