#include "exporter/config/settings.h"

#include <array>

#include "exporter/config/setting_text.h"
#include "exporter/core/header_text.h"
#include "exporter/files/read_file.h"

namespace chatscale {
namespace {

bool SetText(std::string_view text, std::string& out) {
  out = text;
  return !out.empty();
}

bool SetDuration(std::string_view text, absl::Duration low, absl::Duration high,
                 absl::Duration& out) {
  const auto value = DurationFrom(text);
  if (!value || *value < low || *value > high) return false;
  out = *value;
  return true;
}

bool SetBaseUrl(std::string_view text, std::string& out) {
  const auto url = BaseUrlFrom(text);
  if (!url) return false;
  out = *url;
  return true;
}

bool SetHeaders(std::string_view text, Config& c) {
  const auto map = TextMapFrom(text);
  if (!map) return false;
  for (const auto& [name, value] : *map) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) return false;
  }
  c.proxy.headers = *map;
  return true;
}

bool SetListenAddress(std::string_view text, Config& c) {
  const auto address = HostPortFrom(text);
  if (!address) return false;
  if (!address->host.empty()) c.listen_host = address->host;
  c.listen_port = address->port;
  return true;
}

bool SetFlag(std::string_view text, bool& out) {
  const auto flag = FlagFrom(text);
  if (flag) out = *flag;
  return flag.has_value();
}

bool SetTargets(std::string_view text, Config& c) {
  const auto targets = TargetsFrom(text);
  if (targets) c.redis.targets = *targets;
  return targets.has_value();
}

bool SetTargetsFile(std::string_view text, Config& c) {
  constexpr std::size_t kMostBytes = 16UL << 20;
  const auto json = ReadWholeFile(std::string(text), kMostBytes);
  return json.ok() && SetTargets(*json, c);
}

bool SetPort(std::string_view text, int& out) {
  const auto port = WholeNumberFrom(text);
  if (!port || *port < 1 || *port > 65535) return false;
  out = static_cast<int>(*port);
  return true;
}

bool SetMode(std::string_view text, Config& c) {
  for (const Mode mode : {Mode::kRedis, Mode::kProxy, Mode::kDemo}) {
    if (text == ModeName(mode)) {
      c.mode = mode;
      return true;
    }
  }
  return false;
}

constexpr std::array kSettings = {
    Setting{.flag = "--mode",
            .env = "METRICS_MODE",
            .default_text = "redis",
            .allowed = "redis, proxy or demo",
            .help = "Where figures come from: Redis, the services' own HTTP documents, or a "
                    "simulation",
            .set = SetMode},
    Setting{.flag = "--web.port",
            .env = "METRICS_PORT",
            .default_text = "8090",
            .allowed = "a port from 0 to 65535 (0: any free one)",
            .help = "Port to listen on",
            .set =
                [](std::string_view text, Config& c) {
                  const auto port = WholeNumberFrom(text);
                  if (!port || *port < 0 || *port > 65535) return false;
                  c.listen_port = static_cast<int>(*port);
                  return true;
                }},
    Setting{.flag = "--web.listen-address",
            .env = "METRICS_LISTEN_ADDRESS",
            .default_text = "0.0.0.0:8090",
            .allowed = "host:port, :port or [IPv6]:port",
            .help = "Address to listen on; overrules the port",
            .set = SetListenAddress},
    Setting{.flag = "--collect.interval",
            .env = "METRICS_COLLECT_INTERVAL_SEC",
            .default_text = "15",
            .allowed = "seconds from 1 to 3600",
            .help = "Time between collections; in demo mode, simulated time",
            .set =
                [](std::string_view text, Config& c) {
                  return SetDuration(text, absl::Seconds(1), absl::Hours(1), c.collect_interval);
                }},
    Setting{.flag = "--collect.timeout",
            .env = "METRICS_REQUEST_TIMEOUT_SEC",
            .default_text = "5",
            .allowed = "seconds from 0.1 to 300, not more than the maximum age",
            .help = "Total time one collection may take",
            .set =
                [](std::string_view text, Config& c) {
                  return SetDuration(text, absl::Milliseconds(100), absl::Minutes(5),
                                     c.request_timeout);
                }},
    Setting{.flag = "--collect.max-age",
            .env = "METRICS_MAX_AGE_SEC",
            .default_text = "5 x interval",
            .allowed = "seconds from 1 to 86400, not less than the interval",
            .help = "Age after which the values of a failing source are withheld",
            .set =
                [](std::string_view text, Config& c) {
                  return SetDuration(text, absl::Seconds(1), absl::Hours(24), c.max_age);
                }},
    Setting{.flag = "--web.scrape-ttl",
            .env = "METRICS_PROM_SCRAPE_TTL_SEC",
            .default_text = "10",
            .allowed = "seconds from 0 to 3600",
            .help = "Age of the figures from which a scrape asks for a new collection",
            .set =
                [](std::string_view text, Config& c) {
                  return SetDuration(text, absl::ZeroDuration(), absl::Hours(1), c.scrape_ttl);
                }},
    Setting{.flag = "--proxy.ingress-url",
            .env = "METRICS_INGRESS_BASE_URL",
            .allowed = "http:// or https:// and a host, without user, query or fragment",
            .help = "Proxy mode: base URL of the ingress service",
            .set = [](std::string_view text,
                      Config& c) { return SetBaseUrl(text, c.proxy.base_url.ingress); }},
    Setting{.flag = "--proxy.proc-url",
            .env = "METRICS_PROC_BASE_URL",
            .allowed = "http:// or https:// and a host, without user, query or fragment",
            .help = "Proxy mode: base URL of the processor service",
            .set = [](std::string_view text,
                      Config& c) { return SetBaseUrl(text, c.proxy.base_url.proc); }},
    Setting{
        .flag = "--proxy.auth-header-name",
        .env = "METRICS_AUTH_HEADER_NAME",
        .allowed = "an HTTP header name",
        .help = "Proxy mode: header that carries the credential",
        .set = [](std::string_view text,
                  Config& c) { return IsHeaderName(text) && SetText(text, c.proxy.header_name); }},
    Setting{.env = "METRICS_AUTH_HEADER_VALUE",
            .allowed = "text without control characters",
            .help = "Proxy mode: the credential",
            .secret = true,
            .set =
                [](std::string_view text, Config& c) {
                  return IsHeaderValue(text) && SetText(text, c.proxy.header_value);
                }},
    Setting{.flag = "--proxy.auth-header-value-file",
            .env = "METRICS_AUTH_HEADER_VALUE_FILE",
            .allowed = "a path",
            .help = "Proxy mode: file that holds the credential; read again when it changes",
            .set = [](std::string_view text,
                      Config& c) { return SetText(text, c.proxy.header_value_file); }},
    Setting{.env = "METRICS_HEADERS_JSON",
            .allowed = "a JSON object of header names and values",
            .help = "Proxy mode: request headers",
            .secret = true,
            .set = SetHeaders},
    Setting{.flag = "--proxy.tls-ca-file",
            .env = "METRICS_TLS_CA_FILE",
            .allowed = "a path",
            .help = "Proxy mode: PEM file of the authorities to trust, instead of the system's",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.proxy.ca_file); }},
    Setting{.flag = "--proxy.tls-cert-file",
            .env = "METRICS_TLS_CERT_FILE",
            .allowed = "a path",
            .help = "Proxy mode: PEM file of our client certificate",
            .set = [](std::string_view text,
                      Config& c) { return SetText(text, c.proxy.client_cert_file); }},
    Setting{.flag = "--proxy.tls-key-file",
            .env = "METRICS_TLS_KEY_FILE",
            .allowed = "a path",
            .help = "Proxy mode: PEM file of its key",
            .set = [](std::string_view text,
                      Config& c) { return SetText(text, c.proxy.client_key_file); }},
    Setting{.env = "REDIS_URL",
            .default_text = "redis://localhost:6379/0",
            .allowed = "redis:// or rediss://[user:password@]host:port/db, or unix:///path?db=N",
            .help = "Redis mode: where Redis is, and as whom to read it",
            .secret = true,
            .set = [](std::string_view text, Config& c) { return SetText(text, c.redis.url); }},
    Setting{.flag = "--redis.password-file",
            .env = "REDIS_PASSWORD_FILE",
            .allowed = "a path",
            .help = "Redis mode: file that holds the password; read again at every connect",
            .set = [](std::string_view text,
                      Config& c) { return SetText(text, c.redis.password_file); }},
    Setting{.flag = "--redis.tls-ca-file",
            .env = "REDIS_TLS_CA_FILE",
            .allowed = "a path",
            .help =
                "Redis mode: PEM file of the authorities to trust for rediss://, instead of the "
                "system's",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.redis.ca_file); }},
    Setting{.flag = "--redis.targets",
            .env = "METRICS_TARGETS",
            .default_text = "configured",
            .allowed = "configured or discover",
            .help = "Redis mode: read the tenants that are configured, or all that are found",
            .set =
                [](std::string_view text, Config& c) {
                  c.redis.discover = text == "discover";
                  return c.redis.discover || text == "configured";
                }},
    Setting{.flag = "--redis.targets-json",
            .env = "METRICS_TARGETS_JSON",
            .allowed = "a JSON list of at most 5000 different {\"tenant\", \"project\"}",
            .help = "Redis mode: the tenants and projects to read",
            .set = SetTargets},
    Setting{.flag = "--redis.targets-file",
            .env = "METRICS_TARGETS_FILE",
            .allowed = "a file with a JSON list as in METRICS_TARGETS_JSON",
            .help = "Redis mode: the same in a file, where it is too long for a variable",
            .set = SetTargetsFile},
    Setting{.env = "GATEWAY_CONFIG_JSON",
            .allowed = "a JSON object",
            .help = "Redis mode: the gateway's configuration, in force where Redis holds none",
            .secret = true,
            .set = [](std::string_view text,
                      Config& c) { return SetText(text, c.redis.gateway_config_json); }},
    Setting{.flag = "--redis.gateway-yaml",
            .env = "GATEWAY_YAML_PATH",
            .allowed = "a path",
            .help = "Redis mode: YAML file with the same, used when there is no "
                    "GATEWAY_CONFIG_JSON",
            .set = [](std::string_view text,
                      Config& c) { return SetText(text, c.redis.gateway_yaml_path); }},
    Setting{.flag = "--redis.force-environment-config",
            .env = "GATEWAY_CONFIG_FORCE_ENV_ON_STARTUP",
            .default_text = "0",
            .allowed = "0 or 1",
            .help = "Redis mode: ignore the gateway configuration that Redis holds",
            .set = [](std::string_view text,
                      Config& c) { return SetFlag(text, c.redis.force_environment_config); }},
    Setting{
        .flag = "--instance-id",
        .env = "INSTANCE_ID",
        .allowed = "text",
        .help = "Redis mode: our own name, as it appears in the document",
        .set = [](std::string_view text, Config& c) { return SetText(text, c.redis.instance_id); }},
    Setting{
        .flag = "--postgres.enabled",
        .env = "METRICS_ENABLE_PG_POOL",
        .default_text = "0",
        .allowed = "0 or 1",
        .help = "Redis mode: ask PostgreSQL once a minute how many connections it accepts",
        .set = [](std::string_view text, Config& c) { return SetFlag(text, c.postgres.enabled); }},
    Setting{.flag = "--postgres.host",
            .env = "POSTGRES_HOST",
            .default_text = "localhost",
            .allowed = "a host, or the folder of a unix socket",
            .help = "Where PostgreSQL is",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.postgres.host); }},
    Setting{.flag = "--postgres.port",
            .env = "POSTGRES_PORT",
            .default_text = "5432",
            .allowed = "a port from 1 to 65535",
            .help = "Its port",
            .set = [](std::string_view text, Config& c) { return SetPort(text, c.postgres.port); }},
    Setting{.flag = "--postgres.user",
            .env = "POSTGRES_USER",
            .allowed = "text",
            .help = "As whom to ask it",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.postgres.user); }},
    Setting{
        .env = "POSTGRES_PASSWORD",
        .allowed = "text",
        .help = "With which password",
        .secret = true,
        .set = [](std::string_view text, Config& c) { return SetText(text, c.postgres.password); }},
    Setting{.flag = "--postgres.password-file",
            .env = "POSTGRES_PASSWORD_FILE",
            .allowed = "a path",
            .help = "File that holds that password; read again at every connect",
            .set = [](std::string_view text,
                      Config& c) { return SetText(text, c.postgres.password_file); }},
    Setting{
        .flag = "--postgres.database",
        .env = "POSTGRES_DATABASE",
        .default_text = "postgres",
        .allowed = "text",
        .help = "Which database to connect to",
        .set = [](std::string_view text, Config& c) { return SetText(text, c.postgres.database); }},
    Setting{.flag = "--postgres.require-tls",
            .env = "POSTGRES_SSL",
            .default_text = "0",
            .allowed = "0 or 1",
            .help = "Refuse to talk to it without TLS",
            .set = [](std::string_view text,
                      Config& c) { return SetFlag(text, c.postgres.require_tls); }},
    Setting{.flag = "--demo.speed",
            .env = "METRICS_DEMO_SPEED",
            .default_text = "144",
            .allowed = "a number from 1 to 1000",
            .help = "Demo mode: simulated seconds per second; at 144 a day takes ten minutes",
            .set =
                [](std::string_view text, Config& c) {
                  const auto speed = NumberFrom(text);
                  if (!speed || *speed < 1 || *speed > 1000) return false;
                  c.demo.speed = *speed;
                  return true;
                }},
    Setting{.flag = "--demo.seed",
            .env = "METRICS_DEMO_SEED",
            .default_text = "1",
            .allowed = "a whole number from 0 up",
            .help = "Demo mode: the same seed gives the same day",
            .set =
                [](std::string_view text, Config& c) {
                  const auto seed = WholeNumberFrom(text);
                  if (!seed || *seed < 0) return false;
                  c.demo.seed = static_cast<std::uint64_t>(*seed);
                  return true;
                }},
    Setting{.flag = "--policy.file",
            .env = "METRICS_POLICY_FILE",
            .allowed = "a path",
            .help = "YAML file with the recommender's policy; without it, the documented one",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.policy_file); }},
    Setting{
        .flag = "--redis.max-clients",
        .env = "METRICS_REDIS_MAX_CLIENTS",
        .allowed = "a whole number from 1 to 10000000",
        .help = "Connections that the chat system's Redis accepts (its maxclients, which takes an "
                "administrator's right to read): advice grows within it; not known unless set",
        .set =
            [](std::string_view text, Config& c) {
              const auto limit = WholeNumberFrom(text);
              if (!limit || *limit < 1 || *limit > 10'000'000) return false;
              c.redis_max_clients = static_cast<double>(*limit);
              return true;
            }},
    Setting{.flag = "--state.file",
            .env = "METRICS_STATE_FILE",
            .allowed = "a path",
            .help = "File that carries the recommender's state over a restart",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.state_file); }},
    Setting{
        .flag = "--decisions.file",
        .env = "METRICS_DECISIONS_FILE",
        .allowed = "a path",
        .help = "File to which every decision is appended, one JSON object a line; at 10 MB it "
                "becomes <file>.1",
        .set = [](std::string_view text, Config& c) { return SetText(text, c.decisions_file); }},
    Setting{
        .flag = "--textfile.path",
        .env = "METRICS_TEXTFILE_PATH",
        .allowed = "a path that ends in .prom",
        .help = "File to which every round is written, for the node_exporter's textfile collector",
        .set = [](std::string_view text,
                  Config& c) { return text.ends_with(".prom") && SetText(text, c.textfile_path); }},
    Setting{.flag = "--web.enable-lifecycle",
            .env = "METRICS_ENABLE_LIFECYCLE",
            .default_text = "0",
            .allowed = "0 or 1",
            .help = "Reload the policy on POST /-/reload, as SIGHUP does",
            .set =
                [](std::string_view text, Config& c) {
                  c.enable_lifecycle = text == "1";
                  return text == "0" || text == "1";
                }},
    Setting{.flag = "--tenant",
            .env = "TENANT_ID",
            .allowed = "text",
            .help = "Tenant: label of all series",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.tenant); }},
    Setting{.flag = "--project",
            .env = "PROJECT_ID",
            .allowed = "text",
            .help = "Project: label of all series",
            .set = [](std::string_view text, Config& c) { return SetText(text, c.project); }},
    Setting{.flag = "--log.level",
            .env = "METRICS_LOG_LEVEL",
            .default_text = "info",
            .allowed = "debug, info, warn or error",
            .help = "Least important lines to log",
            .set =
                [](std::string_view text, Config& c) {
                  return (text == "debug" || text == "info" || text == "warn" || text == "error") &&
                         SetText(text, c.log_level);
                }},
    Setting{.flag = "--log.format",
            .env = "METRICS_LOG_FORMAT",
            .default_text = "text",
            .allowed = "text or json",
            .help = "Form of the log lines",
            .set =
                [](std::string_view text, Config& c) {
                  return (text == "text" || text == "json") && SetText(text, c.log_format);
                }},
};

}  // namespace

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

std::span<const Setting> Settings() { return kSettings; }

}  // namespace chatscale
