// How full the ingress service is. Pure.
#pragma once

#include "exporter/core/snapshot.h"

namespace chatscale {

// Streams / limit; nullopt when the sums are not whole, or no limit is known.
MaybeNumber SseSaturation(const SseLoad& sse);

}  // namespace chatscale
