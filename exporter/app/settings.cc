#include "exporter/app/settings.h"

#include <vector>

#include "exporter/app/setting_value.h"

namespace chatscale {

const char* ModeName(Mode mode) {
  switch (mode) {
    case Mode::kRedis:
      return "redis";
    case Mode::kProxy:
      return "proxy";
    case Mode::kDemo:
      return "demo";
  }
  return "redis";
}

bool HasSink(const Config& config) {
  return !config.textfile_path.empty() || config.pushgateway.enabled || config.cloudwatch.enabled ||
         config.otlp.enabled;
}

bool HasSeveralTargets(const Config& config) {
  return config.mode == Mode::kRedis && (config.redis.discover || config.redis.targets.size() > 1);
}

std::string_view ReplacementOf(std::string_view variable) {
  if (variable == "METRICS_ENABLE_LIFECYCLE") return "none: authentication enables POST /-/reload";
  return variable == "METRICS_OTLP_COMPRESSION" ? "none: OTLP is always sent with gzip" : "";
}

std::span<const Setting> Settings() {
  static const std::vector<Setting> settings = [] {
    std::vector<Setting> all;
    for (const auto& subject :
         {CollectSettings(), ProxySettings(), RedisSettings(), PostgresSettings(), DemoSettings(),
          RecommenderSettings(), OutputSettings(), NamingSettings(), PushgatewaySettings(),
          CloudWatchSettings(), OtlpSettings()}) {
      all.insert(all.end(), subject.begin(), subject.end());
    }
    return all;
  }();
  return settings;
}

namespace {

bool TakeMode(std::string_view text, Config& c) {
  for (const Mode mode : {Mode::kRedis, Mode::kProxy, Mode::kDemo}) {
    if (text == ModeName(mode)) {
      c.mode = mode;
      return true;
    }
  }
  return false;
}

bool TakeListenAddress(std::string_view text, Config& c) {
  const auto address = HostPortFrom(text);
  if (!address) return false;
  if (!address->host.empty()) c.server.host = address->host;
  c.server.port = address->port;
  return true;
}

constexpr auto kCollection = &Config::collection;

}  // namespace

std::vector<Setting> CollectSettings() {
  return {
      {"--mode",
       "METRICS_MODE",
       {"redis, proxy or demo", ModeName(Config().mode), TakeMode},
       "Source: Redis, the services' HTTP documents, or a simulation"},
      {"--web.port", "METRICS_PORT",
       Port({&Config::server, &HttpServerOptions::port}, 0).With(" (0: any free one)"),
       "Port to listen on"},
      {"--web.listen-address",
       "METRICS_LISTEN_ADDRESS",
       {"host:port, :port or [IPv6]:port",
        HttpServerOptions().host + ":" + std::to_string(HttpServerOptions().port),
        TakeListenAddress},
       "Address to listen on; overrules the port"},
      {"--collect.interval", "METRICS_COLLECT_INTERVAL_SEC",
       Seconds({kCollection, &PollLoopOptions::interval}, absl::Seconds(1), absl::Hours(1)),
       "Time between collections; demo mode divides the default by its speed"},
      {"--collect.timeout", "METRICS_REQUEST_TIMEOUT_SEC",
       Seconds({kCollection, &PollLoopOptions::timeout}, absl::Milliseconds(100), absl::Minutes(5))
           .With(", not more than the maximum age"),
       "Total time one collection may take"},
      {"--collect.max-age", "METRICS_MAX_AGE_SEC",
       Seconds({kCollection, &PollLoopOptions::max_age}, absl::Seconds(1), absl::Hours(24))
           .With(", not less than the interval")
           .Default("5 x interval"),
       "Age after which the values of a failing source are withheld"},
      {"--web.scrape-ttl", "METRICS_PROM_SCRAPE_TTL_SEC",
       Seconds(&Config::scrape_ttl, absl::ZeroDuration(), absl::Hours(1)),
       "Age of the samples from which a scrape starts a new collection"},
  };
}

std::vector<Setting> DemoSettings() {
  return {
      {"--demo.speed", "METRICS_DEMO_SPEED", Number({&Config::demo, &DemoOptions::speed}, 1, 1000),
       "Demo mode: simulated seconds per second; at 144 a day takes ten minutes"},
      {"--demo.seed", "METRICS_DEMO_SEED", WholeNumber({&Config::demo, &DemoOptions::seed}),
       "Demo mode: the same seed gives the same day"},
  };
}

std::vector<Setting> RecommenderSettings() {
  constexpr auto kRecommender = &Config::recommender;
  return {
      {"--policy.file", "METRICS_POLICY_FILE", Path(&Config::policy_file),
       "YAML file with the recommender's policy; without it, the documented one"},
      {"--recommender.dry-run", "METRICS_DRY_RUN",
       Flag({kRecommender, &RecommenderOptions::dry_run}),
       "Recommend people only: what autoscalers read is withheld, and shown as "
       "chat_recommender_dry_run_desired_replicas"},
      {"--redis.max-clients", "METRICS_REDIS_MAX_CLIENTS",
       WholeNumber({kRecommender, &RecommenderOptions::redis_limit}, 1, 10'000'000),
       "Connections that the chat system's Redis accepts (its maxclients, which takes an "
       "administrator's right to read): limits scale-out; unknown unless set"},
      {"--state.file", "METRICS_STATE_FILE", Path({kRecommender, &RecommenderOptions::state_file}),
       "File that carries the recommender's state over a restart"},
      {"--decisions.file", "METRICS_DECISIONS_FILE",
       Path({&Config::decisions, &DecisionLogOptions::file}),
       "File to which every decision is appended, one JSON object a line; at 10 MB it becomes "
       "<file>.1"},
  };
}

namespace {

bool EndsInProm(std::string_view path) { return path.ends_with(".prom"); }

}  // namespace

std::vector<Setting> OutputSettings() {
  return {
      {"--export.scheduled", "METRICS_SCHEDULER_ENABLED", Flag(&Config::export_scheduled),
       "Export at regular intervals"},
      {"--export.interval", "METRICS_EXPORT_INTERVAL_SEC",
       Seconds({&Config::schedule, &ExportScheduleOptions::interval}, absl::Seconds(1),
               absl::Hours(24)),
       "Time between exports; one that fails is retried within it"},
      {"--export.on-start", "METRICS_EXPORT_ON_START",
       Flag({&Config::schedule, &ExportScheduleOptions::on_start}),
       "Scheduled: export at once, not one interval later"},
      {"--export.once", "METRICS_RUN_ONCE", Flag(&Config::run_once),
       "Collect once, export and exit: 0, 1 when a sink failed, 2 when nothing was collected"},
      {"--textfile.path", "METRICS_TEXTFILE_PATH",
       Text(&Config::textfile_path, "a path that ends in .prom", EndsInProm),
       "File to which every collection cycle is written, for the node_exporter's textfile "
       "collector"},
      {"--web.config.file", "METRICS_WEB_CONFIG_FILE",
       Text({&Config::access, &AccessOptions::config_file}),
       "TLS, users, headers: the YAML of Prometheus' exporter-toolkit; read again when it changes"},
      {"--web.bearer-token-file", "METRICS_WEB_BEARER_TOKEN_FILE",
       Text({&Config::access, &AccessOptions::token_file}),
       "File with a bearer token: clients that send it are authenticated, others must be users of "
       "the file above"},
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
