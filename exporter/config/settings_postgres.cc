// Redis mode: the database that limits connections.
#include "exporter/config/settings_subjects.h"

namespace chatscale {
namespace {

using Postgres = PostgresConfig;
constexpr auto kPostgres = &Config::postgres;

}  // namespace

std::vector<Setting> PostgresSettings() {
  return {
      {"--postgres.enabled", "METRICS_ENABLE_PG_POOL", Flag({kPostgres, &Postgres::enabled}),
       "Redis mode: ask PostgreSQL once a minute how many connections it accepts"},
      {"--postgres.host", "POSTGRES_HOST",
       Text({kPostgres, &Postgres::host}, "a host, or the folder of a unix socket"),
       "Where PostgreSQL is"},
      {"--postgres.port", "POSTGRES_PORT", Port({kPostgres, &Postgres::port}, 1), "Its port"},
      {"--postgres.user", "POSTGRES_USER", Text({kPostgres, &Postgres::user}), "As whom to ask it"},
      {"", "POSTGRES_PASSWORD", Text({kPostgres, &Postgres::password}), "With which password",
       true},
      {"--postgres.password-file", "POSTGRES_PASSWORD_FILE",
       Path({kPostgres, &Postgres::password_file}),
       "File that holds that password; read again at every connect"},
      {"--postgres.database", "POSTGRES_DATABASE", Text({kPostgres, &Postgres::database}),
       "Which database to connect to"},
      {"--postgres.require-tls", "POSTGRES_SSL", Flag({kPostgres, &Postgres::require_tls}),
       "Refuse to talk to it without TLS"},
  };
}

}  // namespace chatscale
