// Sections of `/monitoring/system`: capacity_transparency, db_connections and our own additions.
#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_format.h"
#include "exporter/redis/json_sections.h"
#include "exporter/redis/redis_snapshot.h"

namespace chatscale::redis {
namespace {

double Sum(const std::vector<const Process*>& processes, MaybeNumber Heartbeat::*field) {
  double sum = 0;
  for (const Process* process : processes)
    sum += std::trunc((process->heartbeat.*field).value_or(0));
  return sum;
}

std::vector<const Process*> SourceProcesses(const TargetState& state) {
  const ServiceConfig& proc = state.gateway->config.proc;
  std::vector<const Process*> out;
  for (const InstanceGroup& group :
       GroupByInstance(state.processes, proc.capacity_source_type, proc.capacity_source_name)) {
    out.insert(out.end(), group.processes.begin(), group.processes.end());
  }
  return out;
}

Json RuntimeJson(const ServiceConfig& c, double actual, double healthy) {
  const double processes = std::max(healthy, 1.0);
  const double slots = c.concurrent_per_process * processes;
  const QueueRoom room = c.Room(processes);
  return {{"actual_processes_per_instance", actual},
          {"actual_healthy_processes_per_instance", healthy},
          {"actual_concurrent_per_instance", slots},
          {"actual_effective_concurrent_per_instance", room.running},
          {"actual_queue_capacity_per_instance", room.waiting},
          {"actual_total_capacity_per_instance", room.Total()},
          {"actual_theoretical_hourly_per_instance",
           std::trunc(slots * 3600 / c.avg_processing_seconds)}};
}

Json MetricsJson(const DocumentInput& input, const ServiceConfig& c, double actual,
                 double healthy) {
  const auto processes = SourceProcesses(input.state);
  const double capacity = Sum(processes, &Heartbeat::capacity);
  const double used =
      capacity > 0 ? RoundTo(Sum(processes, &Heartbeat::load) / std::max(capacity, 1.0), 3) : 0;
  const double configured = c.processes_per_instance.value_or(0);
  return {{"configuration",
           {{"configured_concurrent_per_process", c.concurrent_per_process},
            {"configured_processes_per_instance", OrNull(c.processes_per_instance)},
            {"configured_avg_processing_time_seconds", c.avg_processing_seconds},
            {"capacity_buffer_percent", c.capacity_buffer * 100},
            {"queue_depth_multiplier", c.queue_depth_multiplier}}},
          {"actual_runtime", RuntimeJson(c, actual, healthy)},
          {"health_metrics",
           {{"process_health_ratio", RoundTo(healthy / std::max(actual, 1.0), 3)},
            {"capacity_utilization_from_load", used},
            {"processes_vs_configured",
             {{"configured", configured},
              {"actual", actual},
              {"healthy", healthy},
              {"process_deficit", std::max(0.0, configured - healthy)}}}}},
          {"threshold_ratios",
           {{"anonymous_threshold_ratio", c.anonymous_ratio},
            {"registered_threshold_ratio", c.registered_ratio},
            {"paid_threshold_ratio", c.paid_ratio},
            {"hard_limit_threshold_ratio", c.hard_limit_ratio}}}};
}

Json ScalingJson(const DocumentInput& input, const ServiceConfig& c) {
  const CapacityTransparency& t = input.snapshot.capacity;
  std::set<std::string_view> instances;
  double all_working = 0;
  for (const Process& process : input.state.processes) {
    instances.insert(process.heartbeat.instance_id);
    all_working += process.Works() ? 1 : 0;
  }
  const auto all = static_cast<double>(input.state.processes.size());
  const double actual = *t.actual_processes, healthy = *t.healthy_processes;
  Json out = {{"detected_instances", instances.size()},
              {"total_configured_processes", OrNull(t.configured_processes)},
              {"total_actual_processes", all},
              {"total_healthy_processes", all_working},
              {"process_health_ratio", all_working / std::max(all, 1.0)},
              {"capacity_source", t.source}};
  for (const std::string prefix : {"capacity_source", "chat_rest"}) {
    out[prefix + "_configured_processes"] = OrNull(t.configured_processes);
    out[prefix + "_actual_processes"] = actual;
    out[prefix + "_healthy_processes"] = healthy;
    out[prefix + "_health_ratio"] = healthy / std::max(actual, 1.0);
  }
  out["total_concurrent_capacity"] = OrNull(t.concurrent_total);
  out["total_effective_capacity"] = OrNull(t.concurrent_effective);
  out["total_queue_capacity"] = OrNull(t.concurrent_queue);
  out["total_system_capacity"] = OrNull(t.concurrent_system);
  out["theoretical_system_hourly"] =
      std::trunc(*t.concurrent_total * 3600 / c.avg_processing_seconds);
  return out;
}

struct DbWarning {
  Json level;  // null: none
  Json reason;
};

DbWarning WarningOf(double total, const MaybeNumber& limit) {
  constexpr int kHighPercent = 80;
  if (!limit || total < std::trunc(kHighPercent / 100.0 * *limit)) return {};
  const bool exceeds = total > *limit;
  const bool max = total >= *limit;
  const std::string relation = exceeds ? "exceed"
                               : max   ? "reach"
                                       : absl::StrFormat("are >=%d%% of", kHighPercent);
  return {.level = exceeds ? "exceeds"
                   : max   ? "max"
                           : "high",
          .reason = absl::StrFormat("Estimated DB connections (%.0f) %s max_connections (%.0f).",
                                    total, relation, *limit)};
}

}  // namespace

Json TransparencyJson(const DocumentInput& input) {
  const ServiceConfig& c = input.state.gateway->config.proc;
  const CapacityTransparency& t = input.snapshot.capacity;
  const Thresholds limits = ThresholdsOf(c.Capacity(), *t.concurrent_system);
  const auto percent = [](double ratio) { return RoundTo(ratio * 100, 1); };
  return {{"capacity_metrics", MetricsJson(input, c, *t.actual_processes, *t.healthy_processes)},
          {"instance_scaling", ScalingJson(input, c)},
          {"current_thresholds",
           {{"anonymous_threshold", *limits.anonymous},
            {"registered_threshold", *limits.registered},
            {"paid_threshold", *limits.paid},
            {"hard_limit", *limits.hard_limit},
            {"total_capacity", OrNull(t.concurrent_system)}}},
          {"threshold_breakdown",
           {{"anonymous_blocks_at", *limits.anonymous},
            {"registered_blocks_at", *limits.registered},
            {"paid_blocks_at", *limits.paid},
            {"hard_limit_at", *limits.hard_limit},
            {"anonymous_percentage", percent(c.anonymous_ratio)},
            {"registered_percentage", percent(c.registered_ratio)},
            {"paid_percentage", percent(c.paid_ratio)},
            {"hard_limit_percentage", percent(c.hard_limit_ratio)}}},
          {"capacity_warnings", CapacityWarnings(input.state)}};
}

Json DbConnectionsJson(const DocumentInput& input) {
  const DbConnections& db = input.snapshot.db;
  const ServiceConfig& proc = input.state.gateway->config.proc;
  const double total = *db.estimated;
  const double instances = *db.estimated_per_instance > 0 ? total / *db.estimated_per_instance : 0;
  const DbWarning warning = WarningOf(total, db.limit);
  return {{"max_connections", OrNull(db.limit)},
          {"source", db.limit_source.empty() ? Json(nullptr) : Json(db.limit_source)},
          {"pool_max_per_worker", proc.PgPerProcess()},
          {"processes_per_instance", OrNull(proc.processes_per_instance)},
          {"estimated_per_instance", OrNull(db.estimated_per_instance)},
          {"instance_count", instances},
          {"estimated_total", total},
          {"percent_of_max", db.limit ? PercentOf(total, *db.limit, nullptr) : Json(nullptr)},
          {"warning", !warning.level.is_null()},
          {"warning_reason", warning.reason},
          {"warning_level", warning.level}};
}

Json ExtensionsJson(const DocumentInput& input) {
  const QueueLoad& queue = input.snapshot.queue;
  Json oldest = Json::object();
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    oldest[kUserTypeNames[u]] = OrNull(queue.oldest_waiting_seconds[u]);
  }
  return {{"queue",
           {{"waiting", OrNull(queue.waiting)},
            {"in_flight", OrNull(queue.in_flight)},
            {"jobs_waiting", OrNull(queue.jobs_waiting)},
            {"jobs_claimed", OrNull(queue.jobs_claimed)},
            {"oldest_waiting_seconds", std::move(oldest)},
            {"oversized_tasks", input.state.oversized_tasks}}},
          {"capacity",
           {{"upstream", OrNull(queue.capacity.reported)},
            {"upstream_pressure_ratio", OrNull(queue.capacity.reported_pressure)},
            {"corrected", OrNull(queue.capacity.corrected)},
            {"corrected_pressure_ratio", OrNull(queue.capacity.corrected_pressure)}}},
          {"sse",
           {{"coverage_ratio", OrNull(input.snapshot.sse.coverage)},
            {"kept_processes", OrNull(input.snapshot.sse.kept_workers)},
            {"hottest_process_saturation", OrNull(input.snapshot.sse.hottest_worker_saturation)}}},
          {"malformed_fields", input.state.malformed.Total()}};
}

}  // namespace chatscale::redis
