// The queue's capacity as it should have been computed. Pure.
//
// The upstream computes it with the configuration of whichever component answers (D3), and counts a
// process at 80 % load as none and a full one as fully there (D2). From the same document:
//
//   capacity = sum over instances of int(c*h*(1-b)) + int(c*h*m)       (upstream contract 4.2)
//     c  concurrent requests per process      the processor's own slice of the configuration
//     b  capacity buffer, m  queue depth multiplier                                ditto
//     h  live processes of the instance: healthy, degraded and busy ones; not stale ones
#pragma once

#include "exporter/core/snapshot.h"

namespace chatscale {

// Sets `queue.capacity.corrected*`. Absent when the document lacks an input, or when the capacity
// is configured to be another component's. With no capacity at all, pressure and utilization are
// unknown, not 1.0 (D5). Where the corrected capacity equals the reported one, so do pressure and
// utilization, to the last digit.
void CorrectQueueCapacity(Snapshot& snapshot);

// What consumers should use: corrected where known, else reported.
MaybeNumber EffectiveCapacity(const QueueCapacity& capacity);
MaybeNumber EffectivePressure(const QueueCapacity& capacity);
MaybeNumber EffectiveUtilization(const QueueCapacity& capacity);

}  // namespace chatscale
