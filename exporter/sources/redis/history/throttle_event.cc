#include "exporter/sources/redis/history/throttle_event.h"

#include <algorithm>
#include <array>

#include "exporter/model/snapshot.h"
#include "exporter/sources/json/json_values.h"

namespace chatscale::redis {
namespace {

constexpr std::array<std::string_view, 11> kFields = {
    "timestamp",   "event_id", "reason",      "http_status", "session_id",      "user_type",
    "fingerprint", "endpoint", "retry_after", "queue_stats", "rate_limit_stats"};

constexpr std::array<std::string_view, 7> kReasons = {
    "session_rate_limit",     "hourly_rate_limit",       "burst_rate_limit", "system_backpressure",
    "anonymous_backpressure", "registered_backpressure", "paid_backpressure"};

template <typename List>
bool Contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

ThrottleEvent ParseThrottleEvent(TolerantParser& parser, std::string_view json) {
  ThrottleEvent event;
  if (json.size() > kMostEventBytes) return event;
  const auto root = parser.Parse(json);
  simdjson::dom::object fields;
  if (!root || root->get(fields) != simdjson::SUCCESS) return event;
  event.is_object = true;
  std::size_t known = 0;
  bool extra = false;
  for (const auto [name, field] : fields) {
    if (name == "reason") event.reason = TextIn(field).value_or("unknown");
    if (name == "session_id") event.session = TextIn(field).value_or("");
    if (name == "http_status") {
      const auto status = SmallIntIn(field);
      if (status && *status > 0 && *status < 1000) {
        event.http_status = static_cast<std::uint16_t>(*status);
      }
    }
    if (Contains(kFields, name))
      ++known;
    else
      extra = true;
  }
  event.as_documented = known == kFields.size() && !extra && Contains(kReasons, event.reason);
  return event;
}

}  // namespace chatscale::redis
