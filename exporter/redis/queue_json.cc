// Sections of `/monitoring/system`: queue sizes, capacity, admission, analytics and throttling.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/model/capacity.h"
#include "exporter/redis/json_sections.h"
#include "exporter/redis/redis_snapshot.h"

namespace chatscale::redis {

namespace {

bool Accepting(const DocumentInput& input, UserType type) {
  return input.snapshot.queue.accepting[static_cast<std::size_t>(type)].value_or(true);
}

// Queue capacity of our own instance of the capacity source, else of one process.
double BaseCapacity(const TargetState& state) {
  const GatewayConfig& config = state.gateway->config;
  double working = 0;
  for (const InstanceGroup& group : GroupByInstance(
           state.processes, config.proc.capacity_source_type, config.proc.capacity_source_name)) {
    if (group.id != state.reader_instance) continue;
    for (const Process* process : group.processes) working += process->Works() ? 1 : 0;
  }
  return config.proc.Room(std::max(working, 1.0)).Total();
}

Json ContextJson(const DocumentInput& input) {
  const QueueCapacity& capacity = input.snapshot.queue.capacity;
  const auto alive = AliveInstances(input.state.processes, input.state.gateway->config);
  return {{"base_capacity_per_instance", BaseCapacity(input.state)},
          {"alive_instances", alive},
          {"instance_count", std::max<std::size_t>(1, alive.size())},
          {"weighted_max_capacity", OrNull(capacity.corrected)},
          {"pressure_ratio", OrNull(capacity.corrected_pressure)},
          {"accepting_anonymous", Accepting(input, UserType::kAnonymous)},
          {"accepting_registered", Accepting(input, UserType::kRegistered)},
          {"accepting_paid", Accepting(input, UserType::kPaid)},
          {"accepting_privileged", Accepting(input, UserType::kPrivileged)}};
}

// `field` by user type; empty when analytics are switched off.
Json AnalyticsMap(const DocumentInput& input, MaybeNumber QueueAnalytics::*field) {
  Json out = Json::object();
  if (!input.state.gateway->config.queue_analytics) return out;
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    out[kUserTypeNames[u]] = OrNull(input.state.queues.analytics[u].*field);
  }
  return out;
}

const char* PressureLevel(const MaybeNumber& pressure) {
  if (!pressure) return "unknown";
  if (*pressure > 0.9) return "critical";
  if (*pressure > 0.8) return "high";
  return *pressure > 0.6 ? "medium" : "low";
}

}  // namespace

Json ThresholdsJson(const DocumentInput& input) {
  const Thresholds& t = input.snapshot.queue.capacity.thresholds;
  return {{"anonymous_threshold", OrNull(t.anonymous)},
          {"registered_threshold", OrNull(t.registered)},
          {"paid_threshold", OrNull(t.paid)},
          {"hard_limit_threshold", OrNull(t.hard_limit)}};
}

Json AcceptingJson(const DocumentInput& input) {
  return {{"anonymous", Accepting(input, UserType::kAnonymous)},
          {"registered", Accepting(input, UserType::kRegistered)},
          {"paid", Accepting(input, UserType::kPaid)},
          {"privileged", Accepting(input, UserType::kPrivileged)}};
}

Json CapacityInfoJson(const DocumentInput& input) {
  Json out = ContextJson(input);
  out["thresholds"] = ThresholdsJson(input);
  return out;
}

Json QueueStatsJson(const DocumentInput& input) {
  Json out = Json::object();
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    out[kUserTypeNames[u]] = OrNull(input.snapshot.queue.depth[u]);
  }
  out["total"] = OrNull(input.snapshot.queue.total);
  out["capacity_context"] = CapacityInfoJson(input);
  out["analytics"] = {{"avg_wait_times", AnalyticsMap(input, &QueueAnalytics::avg_wait_seconds)},
                      {"throughput_metrics", AnalyticsMap(input, &QueueAnalytics::throughput)}};
  return out;
}

Json EnhancedQueueStatsJson(const DocumentInput& input) {
  Json out = Json::object();
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    out[absl::StrCat(kUserTypeNames[u], "_queue")] = OrNull(input.snapshot.queue.depth[u]);
  }
  out["total_queue"] = OrNull(input.snapshot.queue.total);
  out.update(ContextJson(input));
  return out;
}

Json BackpressureJson(const DocumentInput& input) {
  const MaybeNumber pressure = input.snapshot.queue.capacity.corrected_pressure;
  const ServiceFleet& rest = input.snapshot.fleet.ingress;
  const Json transparency = TransparencyJson(input);
  const Json& scaling = transparency["instance_scaling"];
  const Json& runtime = transparency["capacity_metrics"]["actual_runtime"];
  return {
      {"thresholds", ThresholdsJson(input)},
      {"current_effects",
       {{"anonymous_blocked", !Accepting(input, UserType::kAnonymous)},
        {"registered_blocked", !Accepting(input, UserType::kRegistered)},
        {"paid_blocked", !Accepting(input, UserType::kPaid)},
        {"all_blocked", !Accepting(input, UserType::kPrivileged)},
        {"pressure_level", PressureLevel(pressure)}}},
      {"capacity_scaling",
       {{"base_per_instance", runtime["actual_total_capacity_per_instance"]},
        {"instances_detected", scaling["detected_instances"]},
        {"total_weighted_capacity", scaling["total_system_capacity"]},
        {"utilization_percent", OrNull(pressure ? MaybeNumber(*pressure * 100) : std::nullopt, 1)},
        {"chat_rest_capacity", OrNull(rest.capacity)},
        {"chat_rest_utilization", PercentOf(*rest.load, *rest.capacity, 0.0)}}}};
}

Json QueueAnalyticsJson(const DocumentInput& input) {
  constexpr std::array kBlockable = {UserType::kAnonymous, UserType::kExternal,
                                     UserType::kRegistered, UserType::kPaid, UserType::kPrivileged};
  Json queues = Json::object();
  for (const UserType type : kBlockable) {
    const auto u = static_cast<std::size_t>(type);
    const QueueAnalytics& analytics = input.state.queues.analytics[u];
    queues[kUserTypeNames[u]] = {{"size", OrNull(input.snapshot.queue.depth[u])},
                                 {"avg_wait", OrNull(analytics.avg_wait_seconds)},
                                 {"throughput", OrNull(analytics.throughput)},
                                 {"blocked", !Accepting(input, type)}};
  }
  return {{"wait_times", AnalyticsMap(input, &QueueAnalytics::avg_wait_seconds)},
          {"throughput", AnalyticsMap(input, &QueueAnalytics::throughput)},
          {"individual_queues", std::move(queues)}};
}

namespace {

constexpr double kPressureUp = 0.85, kPressureDown = 0.3;
constexpr double kUtilizationUp = 85, kUtilizationDown = 30;  // percent
constexpr double kSseUp = 80, kSseDown = 30;                  // percent

double UtilizationOf(const ServiceFleet& component) {
  const double capacity = component.capacity.value_or(0);
  return capacity > 0 ? RoundTo(component.load.value_or(0) / capacity * 100, 1) : 0;
}

Json HintJson(bool up, bool down, std::vector<std::string> reasons, Json signals) {
  return {{"decision", down ? "scale_down"
                       : up ? "scale_up"
                            : "hold"},
          {"scale_up", up},
          {"scale_down", down},
          {"reasons", std::move(reasons)},
          {"signals", std::move(signals)}};
}

Json ProcHint(const DocumentInput& input) {
  const MaybeNumber pressure = input.snapshot.queue.capacity.corrected_pressure;
  const MaybeNumber total = input.snapshot.queue.total;
  const double utilization = UtilizationOf(input.snapshot.fleet.proc);
  const double instances = *input.snapshot.fleet.proc.instances;
  std::vector<std::string> reasons;
  if (pressure && *pressure >= kPressureUp) {
    reasons.push_back(absl::StrFormat("queue pressure %.2f >= %.2f", *pressure, kPressureUp));
  }
  if (total.value_or(0) > 0 && utilization >= kUtilizationUp) {
    reasons.push_back(absl::StrFormat("utilization %.1f%% with non-empty queue", utilization));
  }
  const bool up = !reasons.empty();
  const bool down = total == 0.0 && pressure && *pressure < kPressureDown &&
                    utilization < kUtilizationDown && instances > 1;
  if (down) reasons.emplace_back("low queue + low utilization");
  return HintJson(up, down, std::move(reasons),
                  {{"queue_pressure_ratio", OrNull(pressure, 3)},
                   {"queue_depth", OrNull(total)},
                   {"utilization_percent", utilization},
                   {"instance_count", instances}});
}

Json IngressHint(const DocumentInput& input) {
  MaybeNumber percent = SseSaturation(input.snapshot.sse);
  if (percent) *percent *= 100;
  const double utilization = UtilizationOf(input.snapshot.fleet.ingress);
  const double instances = *input.snapshot.fleet.ingress.instances;
  std::vector<std::string> reasons;
  const bool up = percent && *percent >= kSseUp;
  if (up) reasons.push_back(absl::StrFormat("sse utilization %.1f%% >= %.0f%%", *percent, kSseUp));
  const bool down =
      percent && *percent < kSseDown && instances > 1 && utilization < kUtilizationDown;
  if (down) reasons.emplace_back("low sse utilization + low load");
  return HintJson(up, down, std::move(reasons),
                  {{"sse_utilization_percent", OrNull(percent, 1)},
                   {"utilization_percent", utilization},
                   {"instance_count", instances}});
}

}  // namespace

Json AutoscalerJson(const DocumentInput& input) {
  return {{"proc", ProcHint(input)}, {"ingress", IngressHint(input)}};
}

namespace {

Json CountsMap(const std::vector<std::pair<std::string, int>>& counts) {
  Json out = Json::object();
  for (const auto& [name, count] : counts) out[name] = count;
  return out;
}

Json PeriodJson(const ThrottlePeriod& period, const MaybeNumber& requests, int hours) {
  const double throttled = period.counts.total;
  MaybeNumber attempted;  // admitted + refused requests (D19)
  if (requests && period.complete) attempted = *requests + throttled;
  // A count of a partial period is unknown.
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
                 {"current_window_failures", OrNull(breaker.window_failures)},
                 {"half_open_calls", breaker.half_open_calls}};
  }
  return out;
}

}  // namespace chatscale::redis
