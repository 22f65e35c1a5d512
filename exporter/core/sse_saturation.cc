#include "exporter/core/sse_saturation.h"

namespace chatscale {

MaybeNumber WholeSum(const SseLoad& sse, MaybeNumber SseLoad::*sum) {
  return sse.IsWhole() ? sse.*sum : std::nullopt;
}

MaybeNumber SaturationOf(MaybeNumber connections, MaybeNumber limit) {
  if (!connections || !limit || *limit <= 0) return std::nullopt;
  return *connections / *limit;
}

MaybeNumber SseSaturation(const SseLoad& sse) {
  return SaturationOf(WholeSum(sse, &SseLoad::connections), WholeSum(sse, &SseLoad::limit));
}

}  // namespace chatscale
