// Settings of the sources: proxy mode, redis mode, PostgreSQL.
#include "exporter/app/setting_value.h"
#include "exporter/app/settings.h"
#include "exporter/files/files.h"
#include "exporter/model/text.h"

namespace chatscale {

namespace {

using Proxy = ProxySourceOptions;
constexpr auto kProxy = &Config::proxy;

bool TakeHeaders(std::string_view text, Config& c) {
  const auto headers = HeadersFrom(text);
  if (headers) c.proxy.headers = *headers;
  return headers.has_value();
}

}  // namespace

std::vector<Setting> ProxySettings() {
  using Url = Field<std::string>;
  return {
      {"--proxy.ingress-url", "METRICS_INGRESS_BASE_URL",
       BaseUrl(Url([](Config& c) -> std::string& { return c.proxy.base_url.ingress; })),
       "Proxy mode: base URL of the ingress service"},
      {"--proxy.proc-url", "METRICS_PROC_BASE_URL",
       BaseUrl(Url([](Config& c) -> std::string& { return c.proxy.base_url.proc; })),
       "Proxy mode: base URL of the processor service"},
      {"--proxy.auth-header-name", "METRICS_AUTH_HEADER_NAME",
       Text({kProxy, &Proxy::header_name}, "an HTTP header name", IsHeaderName),
       "Proxy mode: header that carries the credential"},
      {"", "METRICS_AUTH_HEADER_VALUE",
       Text({kProxy, &Proxy::header_value}, "text without control characters", IsHeaderValue),
       "Proxy mode: the credential", true},
      {"--proxy.auth-header-value-file", "METRICS_AUTH_HEADER_VALUE_FILE",
       Path({kProxy, &Proxy::header_value_file}),
       "Proxy mode: file that holds the credential; read again when it changes"},
      {"",
       "METRICS_HEADERS_JSON",
       {"a JSON object of header names and values", "", TakeHeaders},
       "Proxy mode: request headers",
       true},
      {"--proxy.tls-ca-file", "METRICS_TLS_CA_FILE",
       Path({kProxy, &Proxy::http, &HttpClientOptions::ca_file}),
       "Proxy mode: PEM file of the authorities to trust, instead of the system's"},
      {"--proxy.tls-cert-file", "METRICS_TLS_CERT_FILE",
       Path({kProxy, &Proxy::http, &HttpClientOptions::client_cert_file}),
       "Proxy mode: PEM file of our client certificate"},
      {"--proxy.tls-key-file", "METRICS_TLS_KEY_FILE",
       Path({kProxy, &Proxy::http, &HttpClientOptions::client_key_file}),
       "Proxy mode: PEM file of its key"},
  };
}

namespace {

using Redis = RedisSourceOptions;
constexpr auto kRedis = &Config::redis;

bool TakeTargets(std::string_view text, Config& c) {
  const auto targets = TargetsFrom(text);
  if (targets) c.redis.targets = *targets;
  return targets.has_value();
}

bool TakeTargetsFile(std::string_view text, Config& c) {
  constexpr std::size_t kMostBytes = 16UL << 20;
  const auto json = ReadWholeFile(std::string(text), kMostBytes);
  return json.ok() && TakeTargets(*json, c);
}

bool TakeTargetSelection(std::string_view text, Config& c) {
  c.redis.discover = text == "discover";
  return c.redis.discover || text == "configured";
}

}  // namespace

std::vector<Setting> RedisSettings() {
  return {
      {"", "REDIS_URL",
       Text({kRedis, &Redis::url},
            "redis:// or rediss://[user:password@]host:port/db, or unix:///path?db=N"),
       "Redis mode: address and credentials of Redis", true},
      {"--redis.password-file", "REDIS_PASSWORD_FILE",
       Path({kRedis, &Redis::connection, &redis::ConnectionOptions::password_file}),
       "Redis mode: file that holds the password; read again at every connect"},
      {"--redis.tls-ca-file", "REDIS_TLS_CA_FILE",
       Path({kRedis, &Redis::connection, &redis::ConnectionOptions::ca_file}),
       "Redis mode: PEM file of the authorities to trust for rediss://, instead of the system's"},
      {"--redis.targets",
       "METRICS_TARGETS",
       {"configured or discover", "configured", TakeTargetSelection},
       "Redis mode: read the tenants that are configured, or all that are found"},
      {"--redis.targets-json",
       "METRICS_TARGETS_JSON",
       {"a JSON list of at most 5000 different {\"tenant\", \"project\"}", "", TakeTargets},
       "Redis mode: the tenants and projects to read"},
      {"--redis.targets-file",
       "METRICS_TARGETS_FILE",
       {"a file with a JSON list as in METRICS_TARGETS_JSON", "", TakeTargetsFile},
       "Redis mode: the same in a file, where it is too long for a variable"},
      {"", "GATEWAY_CONFIG_JSON", Text({kRedis, &Redis::gateway_config_json}, "a JSON object"),
       "Redis mode: the gateway's configuration, in force where Redis holds none", true},
      {"--redis.gateway-yaml", "GATEWAY_YAML_PATH", Path({kRedis, &Redis::gateway_yaml_path}),
       "Redis mode: YAML file with the same, used when there is no GATEWAY_CONFIG_JSON"},
      {"--redis.force-environment-config", "GATEWAY_CONFIG_FORCE_ENV_ON_STARTUP",
       Flag({kRedis, &Redis::reader, &redis::ReaderOptions::force_fallback}),
       "Redis mode: ignore the gateway configuration that Redis holds"},
      {"--instance-id", "INSTANCE_ID",
       Text({kRedis, &Redis::reader, &redis::ReaderOptions::instance_id}),
       "Redis mode: our own name, as it appears in the document"},
  };
}

namespace {

using Postgres = PostgresOptions;
constexpr auto kPostgres = &Config::postgres;

}  // namespace

std::vector<Setting> PostgresSettings() {
  return {
      {"--postgres.enabled", "METRICS_ENABLE_PG_POOL", Flag({kPostgres, &Postgres::enabled}),
       "Redis mode: read PostgreSQL's max_connections once a minute"},
      {"--postgres.host", "POSTGRES_HOST",
       Text({kPostgres, &Postgres::host}, "a host, or the folder of a unix socket"),
       "Where PostgreSQL is"},
      {"--postgres.port", "POSTGRES_PORT", Port({kPostgres, &Postgres::port}, 1), "Its port"},
      {"--postgres.user", "POSTGRES_USER", Text({kPostgres, &Postgres::user}), "User name"},
      {"", "POSTGRES_PASSWORD", Text({kPostgres, &Postgres::password}), "Password", true},
      {"--postgres.password-file", "POSTGRES_PASSWORD_FILE",
       Path({kPostgres, &Postgres::password_file}),
       "File that holds that password; read again at every connect"},
      {"--postgres.database", "POSTGRES_DATABASE", Text({kPostgres, &Postgres::database}),
       "Database name"},
      {"--postgres.require-tls", "POSTGRES_SSL", Flag({kPostgres, &Postgres::require_tls}),
       "Refuse to talk to it without TLS"},
  };
}

}  // namespace chatscale
