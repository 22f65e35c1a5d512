#include "exporter/sources/redis/readers/breaker_reader.h"

#include "absl/strings/str_format.h"
#include "exporter/sources/redis/state/queues.h"

namespace chatscale::redis {

void AskBreakers(const KeySpace& keys, const GatewayConfig& config, double now,
                 Pipeline& pipeline) {
  for (std::size_t b = 0; b < kBreakerCount; ++b) {
    pipeline.Add({"GET", keys.Breaker(kBreakerNames[b], "stats")});
    pipeline.Add({"GET", keys.Breaker(kBreakerNames[b], "state")});
    pipeline.Add({"ZCOUNT", keys.Breaker(kBreakerNames[b], "window"),
                  absl::StrFormat("%.6f", now - config.breaker_window_seconds[b]),
                  absl::StrFormat("%.6f", now)});
    pipeline.Add({"GET", keys.Breaker(kBreakerNames[b], "half_open_calls")});
  }
}

Breakers TakeBreakers(TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults) {
  Breakers out;
  for (Breaker& breaker : out) {
    const ReplyView stats = replies.Next(faults);
    if (const auto json = stats.Text(); json && !stats.IsError()) {
      breaker = ParseBreakerStats(parser, *json, faults.malformed);
    }
    const ReplyView state = replies.Next(faults);
    if (const auto text = state.Text(); text && !state.IsError()) {
      if (IsBreakerState(*text))
        breaker.state = *text;
      else
        ++faults.malformed;
    }
    breaker.window_failures = static_cast<double>(replies.Next(faults).Integer().value_or(0));
    const ReplyView calls = replies.Next(faults);
    if (const auto text = calls.Text(); text && !calls.IsError()) {
      const MaybeNumber count = ParseCount(*text);
      breaker.half_open_calls = count.value_or(0);
      if (!count) ++faults.malformed;
    }
  }
  return out;
}

}  // namespace chatscale::redis
