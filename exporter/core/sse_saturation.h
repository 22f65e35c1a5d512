// How full the ingress service is. Pure.
#pragma once

#include "exporter/core/snapshot.h"

namespace chatscale {

// One of the sums; nullopt when it misses some of the live workers.
MaybeNumber WholeSum(const SseLoad& sse, MaybeNumber SseLoad::*sum);

// Streams / limit; nullopt when either is unknown or no limit is set (0).
MaybeNumber SaturationOf(MaybeNumber connections, MaybeNumber limit);

// The fleet's; nullopt when the sums are not whole, or no limit is known.
MaybeNumber SseSaturation(const SseLoad& sse);

}  // namespace chatscale
