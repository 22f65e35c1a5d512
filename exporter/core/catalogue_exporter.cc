// Rows about ourselves: sources, series, HTTP, process.
#include "exporter/core/build_info.h"
#include "exporter/core/catalogue_sections.h"

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
           }},
      {.name = "chat.exporter.collect_duration_seconds",
       .unit = Unit::kSeconds,
       .help = "How long the last collection from this source took.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               emit(labels, absl::ToDoubleSeconds(h.duration));
             });
           }},
      {.name = "chat.exporter.last_success_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When this source was last read successfully, Unix time; absent if never.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               emit(labels, UnixSeconds(h.last_success));
             });
           }},
      {.name = "chat.exporter.snapshot_age_seconds",
       .unit = Unit::kSeconds,
       .help =
           "Age of the last good snapshot of this source; its values are withheld when too old.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               if (h.last_success == absl::InfinitePast()) return;
               emit(labels, absl::ToDoubleSeconds(v.shown_at - h.last_success));
             });
           },
       .live = true},
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
           }},
      {.name = "chat.exporter.collect_errors_total",
       .kind = Kind::kCounter,
       .help = "Failed collections by kind of error.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               for (const auto& [kind, count] : h.errors) {
                 Labels all = labels;
                 all.emplace_back("kind", ErrorKindName(kind));
                 emit(std::move(all), static_cast<double>(count));
               }
             });
           }},
      {.name = "chat.exporter.fields_malformed",
       .help = "Fields of the last good snapshot that had a wrong type or an impossible value and "
               "are left out.",
       .of_target =
           [](const TargetView& v, const Emit& emit) {
             EachSource(v, [&](const Labels& labels, const SourceHealth& h) {
               if (h.last_success != absl::InfinitePast()) emit(labels, h.malformed_fields);
             });
           }},
  };
}

// NOLINTNEXTLINE(readability-function-size): a table, a row for each family.
std::vector<MetricRow> SelfRows() {
  return {
      {.name = "chat.exporter.build_info",
       .help = "Version, revision and compiler of this chatscale; always 1.",
       .of_exporter =
           [](const View&, const Emit& emit) {
             emit({{"version", kVersion}, {"revision", kRevision}, {"compiler", kCompiler}}, 1.0);
           }},
      {.name = "chat.exporter.mode_info",
       .help = "Where the figures come from; mode=\"demo\" means that they are simulated.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             emit({{"mode", v.mode}}, 1.0);
           }},
      {.name = "chat.exporter.config_last_reload_successful",
       .help = "1 when the policy and the listener's files are in effect as they were read last.",
       .of_exporter = [](const View& v,
                         const Emit& emit) { emit(v.reload.successful ? 1.0 : 0.0); }},
      {.name = "chat.exporter.config_last_reload_success_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the policy in effect was loaded, Unix time.",
       .of_exporter = [](const View& v,
                         const Emit& emit) { emit(UnixSeconds(v.reload.last_success)); }},
      {.name = "chat.exporter.config_hash",
       .help = "Hash of the policy in effect, 32 bits of it: compare it between processes.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             if (v.reload.policy_hash == 0) return;
             emit(static_cast<double>(v.reload.policy_hash & 0xFFFFFFFFU));
           }},
      {.name = "chat.exporter.last_collection_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the collection loop last ended a round, Unix time.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(UnixSeconds(v.built_at)); }},
      {.name = "chat.exporter.targets",
       .help = "Tenants and projects observed.",
       .of_exporter = [](const View& v,
                         const Emit& emit) { emit(static_cast<double>(v.targets.size())); }},
      {.name = "chat.exporter.targets_left_out",
       .help = "Tenants and projects that were discovered and are not read, for want of room.",
       .of_exporter = [](const View& v,
                         const Emit& emit) { emit(static_cast<double>(v.targets_left_out)); }},
      {.name = "chat.exporter.series_dropped_total",
       .kind = Kind::kCounter,
       .help = "Series left out because a limit on labels or series was reached.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             for (const auto& [reason, count] : v.dropped_series) {
               emit({{"reason", reason}}, static_cast<double>(count));
             }
           }},
      {.name = "chat.exporter.http_requests_total",
       .kind = Kind::kCounter,
       .help = "HTTP requests answered.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             for (const auto& [key, count] : v.http.requests) {
               emit({{"handler", key.first}, {"code", std::to_string(key.second)}},
                    static_cast<double>(count));
             }
           },
       .live = true},
      {.name = "chat.exporter.http_connections",
       .help = "HTTP connections open now.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(v.http.connections); },
       .live = true},
      {.name = "chat.exporter.http_rejected_connections_total",
       .kind = Kind::kCounter,
       .help = "HTTP connections and requests that were refused or given up, by reason.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             for (const auto& [reason, count] : v.http.rejected) {
               emit({{"reason", reason}}, static_cast<double>(count));
             }
           },
       .live = true},
  };
}

template <typename Use>
void EachSink(const View& view, Use use) {
  for (const SinkStats& sink : view.sinks) use(Labels{{"sink", sink.sink}}, sink);
}

std::vector<MetricRow> SinkRows() {
  return {
      {.name = "chat.exporter.sink_up",
       .help = "1 when the last delivery to this sink succeeded; absent before the first.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             EachSink(v, [&](const Labels& labels, const SinkStats& s) { emit(labels, s.up); });
           },
       .live = true},
      {.name = "chat.exporter.sink_deliveries_total",
       .kind = Kind::kCounter,
       .help = "Rounds delivered to this sink, failed, or skipped because the sink was still busy "
               "or the beat was missed.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             EachSink(v, [&](const Labels& labels, const SinkStats& s) {
               for (const auto& [result, count] :
                    {std::pair("delivered", s.delivered), std::pair("failed", s.failed),
                     std::pair("skipped", s.skipped)}) {
                 Labels all = labels;
                 all.emplace_back("result", result);
                 emit(std::move(all), static_cast<double>(count));
               }
             });
           },
       .live = true},
      {.name = "chat.exporter.sink_retries_total",
       .kind = Kind::kCounter,
       .help = "Further tries of deliveries to this sink.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             EachSink(v, [&](const Labels& labels, const SinkStats& s) {
               emit(labels, static_cast<double>(s.retries));
             });
           },
       .live = true},
      {.name = "chat.exporter.sink_delivery_duration_seconds",
       .unit = Unit::kSeconds,
       .help = "How long the last delivery to this sink took.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             EachSink(v, [&](const Labels& labels, const SinkStats& s) {
               if (s.up) emit(labels, absl::ToDoubleSeconds(s.duration));
             });
           },
       .live = true},
      {.name = "chat.exporter.sink_last_success_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When this sink last took a round, Unix time; absent if never.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             EachSink(v, [&](const Labels& labels, const SinkStats& s) {
               emit(labels, UnixSeconds(s.last_success));
             });
           },
       .live = true},
  };
}

std::vector<MetricRow> ProcessRows() {
  return {
      {.name = "chat.exporter.log_lines_dropped_total",
       .kind = Kind::kCounter,
       .help = "Log lines that standard error did not take in time.",
       .of_exporter =
           [](const View& v, const Emit& emit) {
             emit(static_cast<double>(v.process.log_lines_dropped));
           },
       .live = true},
      {.name = "process.cpu_seconds_total",
       .kind = Kind::kCounter,
       .unit = Unit::kSeconds,
       .help = "CPU time spent, user and system.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(v.process.cpu_seconds); },
       .live = true},
      {.name = "process.resident_memory_bytes",
       .unit = Unit::kBytes,
       .help = "Resident memory.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(v.process.resident_bytes); },
       .live = true},
      {.name = "process.virtual_memory_bytes",
       .unit = Unit::kBytes,
       .help = "Virtual memory.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(v.process.virtual_bytes); },
       .live = true},
      {.name = "process.open_fds",
       .help = "Open file descriptors.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(v.process.open_fds); },
       .live = true},
      {.name = "process.max_fds",
       .help = "File descriptors allowed.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(v.process.max_fds); },
       .live = true},
      {.name = "process.start_time_seconds",
       .unit = Unit::kSeconds,
       .help = "When this process started, Unix time.",
       .of_exporter = [](const View& v, const Emit& emit) { emit(v.process.start_time_seconds); },
       .live = true},
  };
}

}  // namespace

std::vector<MetricRow> ExporterRows() {
  std::vector<MetricRow> rows = SourceRows();
  for (const auto& more : {SelfRows(), SinkRows(), ProcessRows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace chatscale
