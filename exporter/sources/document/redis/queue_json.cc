// Queue sizes, capacity context, admission and analytics (contract 4.2).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "exporter/sources/document/redis/json_sections.h"
#include "exporter/sources/redis/snapshot/rounding.h"
#include "exporter/sources/redis/snapshot/transparency.h"

namespace chatscale::redis {
namespace {

bool Accepting(const DocumentInput& input, UserType type) {
  return input.snapshot.queue.accepting[static_cast<std::size_t>(type)].value_or(true);
}

// What one instance of the capacity source holds; ours, when we run there, else one process's
// worth.
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

// Maps of all user types; empty when analytics are switched off.
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

}  // namespace chatscale::redis
