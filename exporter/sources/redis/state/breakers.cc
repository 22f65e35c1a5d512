#include "exporter/sources/redis/state/breakers.h"

#include "exporter/sources/json/json_values.h"

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

}  // namespace

bool IsBreakerState(std::string_view text) {
  return text == "closed" || text == "open" || text == "half_open";
}

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

}  // namespace chatscale::redis
