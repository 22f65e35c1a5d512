#include "exporter/sources/redis/redis_mode.h"

#include "exporter/sources/postgres/max_connections.h"
#include "exporter/sources/redis/redis_source.h"

namespace chatscale {

absl::StatusOr<std::unique_ptr<SnapshotSource>> MakeRedisSource(
    const Config& config, std::function<void(const absl::Status&)> on_postgres_change) {
  RedisSourceOptions options{.url = config.redis.url,
                             .password_file = config.redis.password_file,
                             .tls_ca_file = config.redis.ca_file,
                             .targets = config.redis.targets,
                             .environment_target = {config.tenant, config.project},
                             .discover = config.redis.discover,
                             .instance_id = config.redis.instance_id,
                             .gateway_config_json = config.redis.gateway_config_json,
                             .gateway_yaml_path = config.redis.gateway_yaml_path,
                             .force_environment_config = config.redis.force_environment_config};
  if (config.postgres.enabled) {
    const PostgresConfig& p = config.postgres;
    auto postgres =
        std::make_shared<PostgresMaxConnections>(PostgresAddress{.host = p.host,
                                                                 .port = p.port,
                                                                 .user = p.user,
                                                                 .password = p.password,
                                                                 .password_file = p.password_file,
                                                                 .database = p.database,
                                                                 .require_tls = p.require_tls},
                                                 PostgresPolling{}, std::move(on_postgres_change));
    options.postgres = std::move(postgres);
  }
  auto source = RedisSource::Create(std::move(options));
  if (!source.ok()) return source.status();
  return *std::move(source);
}

}  // namespace chatscale
