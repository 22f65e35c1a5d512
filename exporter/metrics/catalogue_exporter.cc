// Catalogue rows about chatscale itself: sources, series, HTTP, process.
#include <algorithm>
#include <iterator>

#include "exporter/metrics/catalogue_rows.h"

namespace chatscale {
namespace {

// Calls use(labels, health) for each source of the target.
template <typename Use>
void EachSource(const TargetView& view, Use use) {
  for (const SourceHealth& health : view.sources) {
    use(Labels{{"source", health.source}}, health);
  }
}

MaybeNumber UnixSeconds(absl::Time time) {
  if (time == absl::InfinitePast()) return std::nullopt;
  return absl::ToDoubleSeconds(time - absl::UnixEpoch());
}

// NOLINTNEXTLINE(readability-function-size): a table, a row for each family.
std::vector<MetricRow> SourceRows() {
  return {
      {.name = "chat.exporter.up",
       .help = "1 when the last collection from this source succeeded.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               emit(labels, h.up ? 1.0 : 0.0);
             });
           },
       .labels = {"source"}},
      {.name = "chat.exporter.collect_duration_seconds",
       .unit = Unit::kSeconds,
       .help = "How long the last collection from this source took.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               emit(labels, absl::ToDoubleSeconds(h.duration));
             });
           },
       .labels = {"source"}},
      {.name = "chat.exporter.last_success_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When this source was last read successfully, Unix time; absent if never.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               emit(labels, UnixSeconds(h.last_success));
             });
           },
       .labels = {"source"}},
      {.name = "chat.exporter.snapshot_age_seconds",
       .unit = Unit::kSeconds,
       .help =
           "Age of the last good snapshot of this source; its values are withheld when too old.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               if (h.last_success == absl::InfinitePast()) return;
               emit(labels, absl::ToDoubleSeconds(emit.now() - h.last_success));
             });
           },
       .age = true,
       .labels = {"source"}},
      {.name = "chat.exporter.snapshot_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help =
           "When the last good snapshot of this source was made, by its own timestamp, Unix time "
           "(simulated in demo mode). Source: timestamp.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               emit(labels, UnixSeconds(h.snapshot_at));
             });
           },
       .labels = {"source"}},
      {.name = "chat.exporter.collect_errors_total",
       .type = MetricType::Counter,
       .help = "Failed collections by kind of error.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               for (const auto& [kind, count] : h.errors) {
                 Labels all = labels;
                 all.push_back({"kind", std::string(ErrorKindName(kind))});
                 emit(std::move(all), static_cast<double>(count));
               }
             });
           },
       .labels = {"source", "kind"}},
      {.name = "chat.exporter.fields_malformed",
       .help = "Fields of the last good snapshot that had a wrong type or an impossible value and "
               "are left out.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               if (h.last_success != absl::InfinitePast()) emit(labels, h.malformed_fields);
             });
           },
       .labels = {"source"}},
  };
}

// Metrics that chatscale counts itself; see SelfMetrics.
// NOLINTNEXTLINE(readability-function-size): a table, a row for each family.
std::vector<MetricRow> SelfRows() {
  return {
      {.name = "chat.exporter.build_info",
       .help = "Version, revision and compiler of this chatscale; always 1.",
       .labels = {"version", "revision", "compiler"}},
      {.name = "chat.exporter.mode_info",
       .help = "Mode of collection; mode=\"demo\": simulated data.",
       .labels = {"mode"}},
      {.name = "chat.exporter.config_last_reload_successful",
       .help = "1 when the policy and the listener's files are in effect as they were read last."},
      {.name = "chat.exporter.config_last_reload_success_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the policy in effect was loaded, Unix time."},
      {.name = "chat.exporter.config_hash",
       .help = "Hash of the policy in effect, 32 bits of it: compare it between processes."},
      {.name = "chat.exporter.last_collection_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the last collection cycle ended, Unix time."},
      {.name = "chat.exporter.cycle_duration_seconds",
       .type = MetricType::Histogram,
       .unit = Unit::kSeconds,
       .help = "How long cycles took: collection, evaluation and publication of all targets.",
       .of_process = true},
      {.name = "chat.exporter.targets", .help = "Tenants and projects observed."},
      {.name = "chat.exporter.targets_left_out",
       .help =
           "Tenants and projects that were discovered and are not read, as the limit is reached."},
      {.name = "chat.exporter.series_dropped_total",
       .type = MetricType::Counter,
       .help = "Series left out because a limit on labels or series was reached.",
       .labels = {"reason"}},
      {.name = "chat.exporter.http_requests_total",
       .type = MetricType::Counter,
       .help = "HTTP requests served.",
       .labels = {"handler", "code"},
       .of_process = true},
      {.name = "chat.exporter.http_request_duration_seconds",
       .type = MetricType::Histogram,
       .unit = Unit::kSeconds,
       .help = "Time from the head of an HTTP request to the end of its response.",
       .labels = {"handler"},
       .of_process = true},
      {.name = "chat.exporter.http_connections",
       .help = "HTTP connections open now.",
       .of_process = true},
      {.name = "chat.exporter.http_rejected_connections_total",
       .type = MetricType::Counter,
       .help = "HTTP connections and requests that were refused or given up. Connections: evicted "
               "for others, slow, full, no_thread, accept, tls. Requests: malformed, too_large, "
               "busy = too many wait, gone = the client closed while it waited.",
       .labels = {"reason"},
       .of_process = true},
      {.name = "chat.exporter.sink_up",
       .help = "1 when the last delivery to this sink succeeded; absent before the first.",
       .labels = {"sink"},
       .of_process = true},
      {.name = "chat.exporter.sink_deliveries_total",
       .type = MetricType::Counter,
       .help = "Deliveries to this sink that succeeded, failed, or were skipped because the sink "
               "was still busy or a scheduled export was missed.",
       .labels = {"sink", "result"},
       .of_process = true},
      {.name = "chat.exporter.sink_retries_total",
       .type = MetricType::Counter,
       .help = "Retries of deliveries to this sink.",
       .labels = {"sink"},
       .of_process = true},
      {.name = "chat.exporter.sink_delivery_duration_seconds",
       .unit = Unit::kSeconds,
       .help = "How long the last delivery to this sink took.",
       .labels = {"sink"},
       .of_process = true},
      {.name = "chat.exporter.sink_last_success_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the last delivery to this sink succeeded, Unix time; absent if never.",
       .labels = {"sink"},
       .of_process = true},
      {.name = "chat.exporter.log_lines_dropped_total",
       .type = MetricType::Counter,
       .help = "Log lines that standard error did not take in time.",
       .of_process = true},
      {.name = "process.cpu_seconds_total",
       .type = MetricType::Counter,
       .unit = Unit::kSeconds,
       .help = "CPU time spent, user and system.",
       .of_process = true},
      {.name = "process.resident_memory_bytes",
       .unit = Unit::kBytes,
       .help = "Resident memory.",
       .of_process = true},
      {.name = "process.virtual_memory_bytes",
       .unit = Unit::kBytes,
       .help = "Virtual memory.",
       .of_process = true},
      {.name = "process.open_fds", .help = "Open file descriptors.", .of_process = true},
      {.name = "process.max_fds", .help = "File descriptors allowed.", .of_process = true},
      {.name = "process.start_time_seconds",
       .unit = Unit::kSeconds,
       .help = "When this process started, Unix time.",
       .of_process = true},
  };
}

}  // namespace

std::vector<MetricRow> ExporterRows() {
  std::vector<MetricRow> rows = SourceRows();
  std::ranges::move(SelfRows(), std::back_inserter(rows));
  return rows;
}

}  // namespace chatscale
