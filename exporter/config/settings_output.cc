// The beat of exports, files, labels and the log.
#include "exporter/config/settings_subjects.h"

namespace chatscale {
namespace {

using Export = ExportConfig;
constexpr auto kExports = &Config::exports;

bool EndsInProm(std::string_view path) { return path.ends_with(".prom"); }

}  // namespace

std::vector<Setting> OutputSettings() {
  return {
      {"--export.scheduled", "METRICS_SCHEDULER_ENABLED", Flag({kExports, &Export::scheduled}),
       "Export at regular intervals"},
      {"--export.interval", "METRICS_EXPORT_INTERVAL_SEC",
       Seconds({kExports, &Export::interval}, absl::Seconds(1), absl::Hours(24)),
       "Time between exports; one that fails is tried again within it"},
      {"--export.on-start", "METRICS_EXPORT_ON_START", Flag({kExports, &Export::on_start}),
       "Scheduled: export at once, not one interval later"},
      {"--export.once", "METRICS_RUN_ONCE", Flag({kExports, &Export::once}),
       "Collect once, export and exit: 0, 1 when a sink failed, 2 when nothing was collected"},
      {"--textfile.path", "METRICS_TEXTFILE_PATH",
       Text(&Config::textfile_path, "a path that ends in .prom", EndsInProm),
       "File to which every round is written, for the node_exporter's textfile collector"},
      {"--web.config.file", "METRICS_WEB_CONFIG_FILE", Text(&Config::web_config_file),
       "TLS, users, headers: the YAML of Prometheus' exporter-toolkit; read again when it changes"},
      {"--web.bearer-token-file", "METRICS_WEB_BEARER_TOKEN_FILE", Text(&Config::web_token_file),
       "File with a token: who sends it is let in, others must be users of the file above"},
      {"--web.enable-lifecycle", "METRICS_ENABLE_LIFECYCLE", Flag(&Config::enable_lifecycle),
       "Reload the policy on POST /-/reload, as SIGHUP does; needs authentication"},
      {"--tenant", "TENANT_ID", Text(&Config::tenant), "Tenant: label of all series"},
      {"--project", "PROJECT_ID", Text(&Config::project), "Project: label of all series"},
      {"--log.level", "METRICS_LOG_LEVEL",
       OneOf(&Config::log_level, {"debug", "info", "warn", "error"}),
       "Least important lines to log"},
      {"--log.format", "METRICS_LOG_FORMAT", OneOf(&Config::log_format, {"text", "json"}),
       "Form of the log lines"},
  };
}

}  // namespace chatscale
