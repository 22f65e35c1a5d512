// Catalogue rows of event counters, on which service level objectives are based.
#include "exporter/metrics/catalogue_rows.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

// One series per limit, so that no counter falls when the objective changes.
void EmitLate(const TargetView& target, const Emit& emit) {
  if (!target.snapshot || !target.snapshot->counts.wait || target.recommendations == nullptr)
    return;
  const double limit = target.recommendations->wait_limit_seconds;
  emit({{"limit_seconds", NumberText(limit)}}, target.snapshot->counts.wait->Above(limit));
}

}  // namespace

std::vector<MetricRow> CountRows() {
  return {
      {.name = "chat.ingress.admitted_requests_total",
       .type = MetricType::Counter,
       .help = "Requests that were admitted to the queue (redis and demo mode).",
       .value = [](const Snapshot& s) { return s.counts.admitted; }},
      {.name = "chat.ingress.throttled_requests_total",
       .type = MetricType::Counter,
       .help = "Requests that were refused (redis and demo mode).",
       .of_snapshot =
           [](const Snapshot& s, const Emit& emit) {
             emit({{"code", "429"}, {"reason", "rate_limit"}}, s.counts.rate_limited);
             emit({{"code", "503"}, {"reason", "backpressure"}}, s.counts.backpressured);
           },
       .labels = {"code", "reason"}},
      {.name = "chat.proc.admitted_tasks_total",
       .type = MetricType::Counter,
       .help = "Tasks that were put into the queue (redis mode).",
       .value = [](const Snapshot& s) { return s.counts.admitted_tasks; }},
      {.name = "chat.proc.finished_tasks_total",
       .type = MetricType::Counter,
       .help = "Tasks that ended (redis and demo mode).",
       .value = [](const Snapshot& s) { return s.counts.finished; }},
      {.name = "chat.proc.late_tasks_total",
       .type = MetricType::Counter,
       .help =
           "Tasks that ended and had waited longer than the objective's limit, slo.wait_limit of "
           "the policy (redis and demo mode).",
       .of_target = EmitLate,
       .labels = {"limit_seconds"}},
      {.name = "chat.proc.queue.wait_seconds",
       .type = MetricType::Histogram,
       .unit = Unit::kSeconds,
       .help = "Time that tasks waited, counted when they end (redis and demo mode).",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { emit(s.counts.wait); }},
      {.name = "chat.proc.exec_seconds",
       .type = MetricType::Histogram,
       .unit = Unit::kSeconds,
       .help = "Time that tasks took to execute (redis and demo mode).",
       .of_snapshot = [](const Snapshot& s, const Emit& emit) { emit(s.counts.exec); }},
  };
}

}  // namespace chatscale
