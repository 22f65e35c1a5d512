#include "exporter/redis/breakers.h"

#include "absl/strings/str_format.h"
#include "exporter/redis/json_values.h"
#include "exporter/redis/queues.h"

namespace chatscale::redis {

namespace {

struct CountField {
  std::string_view name;
  double Breaker::*field;
};
constexpr std::array kCounts = {
    CountField{"failure_count", &Breaker::failure_count},
    CountField{"success_count", &Breaker::success_count},
    CountField{"total_requests", &Breaker::total_requests},
    CountField{"total_failures", &Breaker::total_failures},
    CountField{"consecutive_failures", &Breaker::consecutive_failures},
    CountField{"consecutive_successes", &Breaker::consecutive_successes},
};

struct TimeField {
  std::string_view name;
  MaybeNumber Breaker::*field;
};
constexpr std::array kTimes = {
    TimeField{"last_failure_time", &Breaker::last_failure_time},
    TimeField{"last_success_time", &Breaker::last_success_time},
    TimeField{"opened_at", &Breaker::opened_at},
    TimeField{"last_state_change", &Breaker::last_state_change},
};

bool IsBreakerState(std::string_view text) {
  return text == "closed" || text == "open" || text == "half_open";
}

// Parses `stats`. A field of a wrong type keeps its default and is counted in `malformed`, as is
// text that is not a JSON object.
Breaker ParseBreakerStats(TolerantParser& parser, std::string_view json, int& malformed) {
  Breaker breaker;
  const auto root = parser.Parse(json);
  simdjson::dom::object fields;
  if (!root || root->get(fields) != simdjson::SUCCESS) {
    ++malformed;
    return breaker;
  }
  for (const auto [name, field] : fields) {
    const MaybeNumber number = NumberIn(field);
    for (const CountField& count : kCounts) {
      if (name != count.name) continue;
      if (number && *number >= 0)
        breaker.*count.field = *number;
      else
        ++malformed;
    }
    for (const TimeField& time : kTimes) {
      if (name != time.name) continue;
      breaker.*time.field = number;
      if (!number && !field.is_null()) ++malformed;
    }
    if (name == "state") {
      const auto text = TextIn(field);
      if (text && IsBreakerState(*text))
        breaker.state = *text;
      else
        ++malformed;
    }
  }
  return breaker;
}

}  // namespace

void AddBreakerCommands(const KeySpace& keys, const GatewayConfig& config, double now,
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

Breakers ParseBreakerReplies(TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults) {
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
    if (const auto count = replies.Next(faults).Integer()) {
      breaker.window_failures = static_cast<double>(*count);
    }
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
