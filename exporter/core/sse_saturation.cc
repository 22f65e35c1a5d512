#include "exporter/core/sse_saturation.h"

namespace chatscale {

MaybeNumber SseSaturation(const SseLoad& sse) {
  if (!sse.IsWhole() || !sse.connections || !sse.limit || *sse.limit <= 0) return std::nullopt;
  return *sse.connections / *sse.limit;
}

}  // namespace chatscale
