#include "exporter/core/sse_saturation.h"

namespace chatscale {

MaybeNumber WholeSum(const SseLoad& sse, MaybeNumber SseLoad::*sum) {
  return sse.IsWhole() ? sse.*sum : std::nullopt;
}

MaybeNumber SseSaturation(const SseLoad& sse) {
  const MaybeNumber connections = WholeSum(sse, &SseLoad::connections);
  const MaybeNumber limit = WholeSum(sse, &SseLoad::limit);
  if (!connections || !limit || *limit <= 0) return std::nullopt;
  return *connections / *limit;
}

}  // namespace chatscale
