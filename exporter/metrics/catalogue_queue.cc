// Catalogue rows of the processor's queue: depth, capacity, waiting and execution times.
#include "exporter/metrics/catalogue_rows.h"
#include "exporter/model/capacity.h"

namespace chatscale {
namespace {

PerUserType<MaybeNumber> Accepting(const QueueLoad& queue) {
  PerUserType<MaybeNumber> out;
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    if (queue.accepting[u]) out[u] = *queue.accepting[u] ? 1 : 0;
  }
  return out;
}

template <UserType type>
MaybeNumber AverageWait(const Snapshot& s) {
  return s.queue.average_wait_seconds[static_cast<std::size_t>(type)];
}

std::vector<MetricRow> ContractRows() {
  return {
      // A promised name, although `_total` is the suffix of counters.
      {.name = "chat.proc.queue.total",
       .upstream = {{"proc.queue.total", "Count"}},
       .help = "Tasks in the queue, waiting or being executed; a gauge. "
               "Source: enhanced_queue_stats.total_queue.",
       .value = [](const Snapshot& s) { return s.queue.total; },
       .contract = true},
      {.name = "chat.proc.queue.utilization",
       .upstream = {{"proc.queue.utilization_ratio", "Count"},
                    {"proc.queue.utilization_percent", "Percent", kPercent}},
       .unit = Unit::kRatio,
       .help =
           "Tasks divided by the queue's capacity; may exceed 1. Corrected for upstream defects "
           "D1 to D3 where possible. Source: queue_utilization, components.proc.instances, "
           "gateway_config_components.proc.",
       .value = [](const Snapshot& s) { return EffectiveUtilization(s.queue.capacity); },
       .contract = true},
      {.name = "chat.proc.queue.pressure",
       .upstream = {{"proc.queue.pressure_ratio", "Count"},
                    {"proc.pressure_ratio_percent", "Percent", kPercent}},
       .unit = Unit::kRatio,
       .help =
           "Tasks divided by the queue's capacity, now; absent without capacity (D5). Corrected "
           "for upstream defects D1 to D3 where possible. Source: capacity_info.pressure_ratio, "
           "components.proc.instances, gateway_config_components.proc.",
       .value = [](const Snapshot& s) { return EffectivePressure(s.queue.capacity); },
       .contract = true},
      {.name = "chat.proc.queue.wait.p95",
       .upstream = {{"proc.queue.wait.p95_ms", "Count", kMillis}},
       .unit = Unit::kSeconds,
       .help =
           "95th percentile of the time tasks waited, in seconds, 1-minute window, stamped when "
           "the task ends (D20). Source: components.proc.latency.queue_wait_ms.1m.p95.",
       .value = [](const Snapshot& s) { return s.queue.wait[0].p95_seconds; },
       .contract = true},
      {.name = "chat.proc.exec.p95",
       .upstream = {{"proc.exec.p95_ms", "Count", kMillis}},
       .unit = Unit::kSeconds,
       .help = "95th percentile of execution time in seconds, 1-minute window. "
               "Source: components.proc.latency.exec_ms.1m.p95.",
       .value = [](const Snapshot& s) { return s.queue.exec[0].p95_seconds; },
       .contract = true},
      {.name = "chat.proc.throttle.backpressure_503",
       .upstream = {UpstreamBackpressure503()},
       .help = "Requests refused with 503 in the last minute: the count of the whole tenant, the "
               "same as chat_ingress_throttle_backpressure_503, since the upstream does not split "
               "it. Source: throttling_windows.1m.backpressure_503.",
       .value = [](const Snapshot& s) { return s.throttling.proc.windows[0].backpressure_503; },
       .contract = true},
  };
}

std::vector<MetricRow> CapacityRows() {
  return {
      {.name = "chat.proc.queue.depth",
       .help = "Tasks in the queue by user type, waiting or being executed. "
               "Source: enhanced_queue_stats.<user_type>_queue; external is the rest of the total.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitUserTypes(s.queue.depth, emit); },
       .labels = {"user_type"}},
      {.name = "chat.proc.queue.capacity",
       .help = "Tasks the queue may hold, corrected for upstream defects D1 to D3 where possible. "
               "Source: components.proc.instances with gateway_config_components.proc, "
               "else capacity_info.weighted_max_capacity.",
       .value = [](const Snapshot& s) { return EffectiveCapacity(s.queue.capacity); }},
      {.name = "chat.proc.queue.reported_capacity",
       .help = "Tasks the queue may hold, as the upstream reports it, its defects included. "
               "Source: capacity_info.weighted_max_capacity.",
       .value = [](const Snapshot& s) { return s.queue.capacity.reported; }},
      {.name = "chat.proc.queue.utilization_ratio",
       .unit = Unit::kRatio,
       .help = "Same as chat_proc_queue_utilization, under a name with its unit. "
               "Source: as there.",
       .value = [](const Snapshot& s) { return EffectiveUtilization(s.queue.capacity); }},
      {.name = "chat.proc.queue.pressure_ratio",
       .unit = Unit::kRatio,
       .help = "Same as chat_proc_queue_pressure, under a name with its unit. "
               "Source: as there.",
       .value = [](const Snapshot& s) { return EffectivePressure(s.queue.capacity); }},
      {.name = "chat.proc.queue.reported_pressure_ratio",
       .unit = Unit::kRatio,
       .help = "Pressure as the upstream reports it, its defects included. "
               "Source: capacity_info.pressure_ratio.",
       .value = [](const Snapshot& s) { return s.queue.capacity.reported_pressure; }},
      {.name = "chat.proc.queue.threshold_tasks",
       .help = "Tasks in the queue from which this class of user is refused, of the capacity in "
               "chat_proc_queue_capacity. Source: capacity_info.thresholds where that is the "
               "reported one, else the gateway configuration.",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             const Thresholds& t = s.queue.capacity.thresholds;
             emit({{"level", "anonymous"}}, t.anonymous);
             emit({{"level", "registered"}}, t.registered);
             emit({{"level", "paid"}}, t.paid);
             emit({{"level", "hard_limit"}}, t.hard_limit);
           },
       .labels = {"level"}},
      {.name = "chat.proc.queue.accepting",
       .help = "1 while the queue admits this user type: its tasks are below the threshold. "
               "Source: components.proc.queue.accepting, or chat_proc_queue_threshold_tasks.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitUserTypes(Accepting(s.queue), emit); },
       .labels = {"user_type"}},
      {.name = "chat.proc.queue.window_depth",
       .upstream = {{"proc.queue.depth.1m", "Count", 1,
                     [](const Snapshot& s) { return s.queue.window_depth.mean[0]; }}},
       .help =
           "Tasks in the queue over rolling windows: mean of each, and the maximum of one hour. "
           "Source: components.proc.queue.windows.depth.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitWindows(s.queue.window_depth, {}, emit); },
       .labels = {"stat", "window"}},
      {.name = "chat.proc.queue.window_pressure_ratio",
       .upstream = {{"proc.queue.pressure_ratio.1m", "Count", 1,
                     [](const Snapshot& s) { return s.queue.window_pressure.mean[0]; }}},
       .unit = Unit::kRatio,
       .help = "Pressure over rolling windows, as the upstream recorded it. "
               "Source: components.proc.queue.windows.pressure_ratio.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitWindows(s.queue.window_pressure, {}, emit); },
       .labels = {"stat", "window"}},
  };
}

std::vector<MetricRow> WaitRows() {
  return {
      {.name = "chat.proc.queue.waiting",
       .help = "Tasks waiting for a worker, not those being executed (redis and demo mode).",
       .value = [](const Snapshot& s) { return s.queue.waiting; }},
      {.name = "chat.proc.queue.in_flight",
       .help = "Tasks claimed by a worker (redis and demo mode).",
       .value = [](const Snapshot& s) { return s.queue.in_flight; }},
      {.name = "chat.proc.jobs_waiting",
       .help = "Background jobs that no processor has claimed: work of the same processors beside "
               "the queue (redis mode; absent where the rights to read them are missing).",
       .value = [](const Snapshot& s) { return s.queue.jobs_waiting; }},
      {.name = "chat.proc.jobs_claimed",
       .help = "Background jobs that are claimed and not finished (redis mode).",
       .value = [](const Snapshot& s) { return s.queue.jobs_claimed; }},
      {.name = "chat.proc.queue.oldest_task_seconds",
       .unit = Unit::kSeconds,
       .help = "Age of the next task, by user type; also available when no worker ends a "
               "task (redis and demo mode, upstream defect D20).",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitUserTypes(s.queue.oldest_waiting_seconds, emit); },
       .labels = {"user_type"}},
      {.name = "chat.proc.queue.average_wait_seconds",
       .upstream = {{"proc.queue.avg_wait_seconds.anonymous", "Count", 1,
                     AverageWait<UserType::kAnonymous>},
                    {"proc.queue.avg_wait_seconds.registered", "Count", 1,
                     AverageWait<UserType::kRegistered>},
                    {"proc.queue.avg_wait_seconds.privileged", "Count", 1,
                     AverageWait<UserType::kPrivileged>},
                    {"proc.queue.avg_wait_seconds.paid", "Count", 1, AverageWait<UserType::kPaid>}},
       .unit = Unit::kSeconds,
       .help =
           "Mean wait over the life of the upstream's counter, by user type; never reset (D14). "
           "Source: queue_analytics.wait_times.",
       .of_snapshot = [](const Snapshot& s,
                         const Emit& emit) { EmitUserTypes(s.queue.average_wait_seconds, emit); },
       .labels = {"user_type"}},
      {.name = "chat.proc.queue.wait_p50_seconds",
       .unit = Unit::kSeconds,
       .help = "Median wait. Source: components.proc.latency.queue_wait_ms.<window>.p50.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP50(s.queue.wait, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.queue.wait_p95_seconds",
       .unit = Unit::kSeconds,
       .help =
           "95th percentile of wait. Source: components.proc.latency.queue_wait_ms.<window>.p95.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP95(s.queue.wait, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.queue.wait_p99_seconds",
       .unit = Unit::kSeconds,
       .help =
           "99th percentile of wait. Source: components.proc.latency.queue_wait_ms.<window>.p99.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP99(s.queue.wait, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.queue.wait_max_seconds",
       .unit = Unit::kSeconds,
       .help = "Longest wait. Source: components.proc.latency.queue_wait_ms.<window>.max.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitMax(s.queue.wait, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.queue.wait_samples",
       .help = "Tasks behind the wait percentiles. "
               "Source: components.proc.latency.queue_wait_ms.<window>.count.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitCount(s.queue.wait, emit); },
       .labels = {"window"}},
  };
}

std::vector<MetricRow> ExecRows() {
  return {
      {.name = "chat.proc.exec_p50_seconds",
       .unit = Unit::kSeconds,
       .help = "Median execution time. Source: components.proc.latency.exec_ms.<window>.p50.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP50(s.queue.exec, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.exec_p95_seconds",
       .unit = Unit::kSeconds,
       .help = "95th percentile of execution time. "
               "Source: components.proc.latency.exec_ms.<window>.p95.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP95(s.queue.exec, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.exec_p99_seconds",
       .unit = Unit::kSeconds,
       .help = "99th percentile of execution time. "
               "Source: components.proc.latency.exec_ms.<window>.p99.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitP99(s.queue.exec, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.exec_max_seconds",
       .unit = Unit::kSeconds,
       .help = "Longest execution time. Source: components.proc.latency.exec_ms.<window>.max.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitMax(s.queue.exec, emit); },
       .labels = {"window"}},
      {.name = "chat.proc.exec_samples",
       .help = "Tasks behind the execution time percentiles. "
               "Source: components.proc.latency.exec_ms.<window>.count.",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { EmitCount(s.queue.exec, emit); },
       .labels = {"window"}},
  };
}

}  // namespace

std::vector<MetricRow> QueueRows() {
  std::vector<MetricRow> rows = ContractRows();
  for (const auto& more : {CapacityRows(), WaitRows(), ExecRows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace chatscale
