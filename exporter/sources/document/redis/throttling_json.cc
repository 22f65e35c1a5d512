// Refused requests by window and period (contract 4.7), and circuit breakers (5.8).
#include "absl/strings/str_cat.h"
#include "exporter/sources/document/redis/json_sections.h"
#include "exporter/sources/redis/snapshot/rounding.h"

namespace chatscale::redis {
namespace {

Json CountsMap(const std::vector<std::pair<std::string, int>>& counts) {
  Json out = Json::object();
  for (const auto& [name, count] : counts) out[name] = count;
  return out;
}

Json PeriodJson(const ThrottlePeriod& period, const MaybeNumber& requests, int hours) {
  const double throttled = period.counts.total;
  MaybeNumber attempted;  // admitted and refused ones (D19)
  if (requests && period.complete) attempted = *requests + throttled;
  // Some of the period is not the whole of it.
  const auto whole = [&](double count) { return period.complete ? Json(count) : Json(nullptr); };
  Json top = Json::array();
  for (const auto& [session, count] : period.top_sessions) top.push_back({session, count});
  const double rate = attempted.value_or(0) > 0 ? RoundTo(throttled / *attempted * 100, 2) : 0.0;
  return {{"total_requests", OrNull(requests)},
          {"total_throttled", whole(period.counts.total)},
          {"rate_limit_429", whole(period.counts.rate_limit_429)},
          {"backpressure_503", whole(period.counts.backpressure_503)},
          {"throttled_by_reason", CountsMap(period.by_reason)},
          {"hourly_stats", CountsMap(period.by_hour)},
          {"top_throttled_sessions", std::move(top)},
          {"throttle_rate", attempted ? Json(rate) : Json(nullptr)},
          {"total_attempted", OrNull(attempted)},
          {"events_per_hour", whole(throttled / hours)}};
}

Json WindowsJson(const ThrottleSummary& summary) {
  Json out = Json::object();
  for (std::size_t w = 0; w < kWindowCount; ++w) {
    if (!summary.windows[w]) continue;
    const ThrottleCounts& counts = *summary.windows[w];
    out[kWindowNames[w]] = {
        {"total_throttled", counts.total},
        {"rate_limit_429", counts.rate_limit_429},
        {"backpressure_503", counts.backpressure_503},
        {"events_per_min", RoundTo(counts.total / (kWindowSeconds[w] / 60), 2)}};
  }
  return out;
}

}  // namespace

void AddThrottlingJson(const DocumentInput& input, Json& document) {
  const ThrottleSummary& summary = input.state.throttling;
  Json periods = Json::object();
  for (std::size_t p = 0; p < kThrottlePeriodHours.size(); ++p) {
    const int hours = kThrottlePeriodHours[p];
    periods[absl::StrCat(hours, "h")] =
        PeriodJson(summary.periods[p], input.state.requests[p], hours);
  }
  Json recent = Json::array();
  for (const std::string& event : summary.recent) recent.push_back(JsonOf(event));
  periods["1h"]["recent_events_count"] = recent.size();
  document["throttling_stats"] = periods["1h"];
  document["throttling_by_period"] = std::move(periods);
  document["throttling_windows"] = WindowsJson(summary);
  document["recent_throttling_events"] = std::move(recent);
}

Json BreakersJson(const DocumentInput& input) {
  Json out = Json::object();
  for (std::size_t b = 0; b < kBreakerCount; ++b) {
    const Breaker& breaker = input.state.breakers[b];
    const std::string name(kBreakerNames[b]);
    out[name] = {{"name", name},
                 {"state", breaker.state},
                 {"failure_count", breaker.failure_count},
                 {"success_count", breaker.success_count},
                 {"last_failure_time", OrNull(breaker.last_failure_time)},
                 {"last_success_time", OrNull(breaker.last_success_time)},
                 {"total_requests", breaker.total_requests},
                 {"total_failures", breaker.total_failures},
                 {"opened_at", OrNull(breaker.opened_at)},
                 {"last_state_change", OrNull(breaker.last_state_change)},
                 {"consecutive_failures", breaker.consecutive_failures},
                 {"consecutive_successes", breaker.consecutive_successes},
                 {"current_window_failures", breaker.window_failures},
                 {"half_open_calls", breaker.half_open_calls}};
  }
  return out;
}

}  // namespace chatscale::redis
