// Source of redis mode: reads any number of targets over one connection, incrementally.
//
// Never writes. The rights it needs are in docs/redis-mode.md, Rights.
// A collection cycle in steady state takes two round trips for up to a hundred targets. The first
// one backfills the last hour, with as many round trips as fit into half of its timeout. What could
// not be read by then is unknown and follows in the next cycles.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/model/source.h"
#include "exporter/model/target.h"
#include "exporter/sources/max_connections.h"

namespace chatscale {

struct RedisSourceOptions {
  std::string url = "redis://localhost:6379/0";  // secret; see exporter/redis/wire/redis_url.h
  std::string password_file;  // overrides the URL's password; read again at every connect
  std::string ca_file;        // PEM; authorities to trust instead of the system's, for rediss://
  // Targets to read. Empty: the one of the gateway configuration, else `environment_target`.
  std::vector<Target> targets;
  Target environment_target;  // TENANT_ID, PROJECT_ID
  bool discover = false;      // read all targets found in Redis, at most `max_discovered`
  std::size_t max_discovered = 1000;
  std::string instance_id;  // our own, as the upstream's metrics service has one
  std::string gateway_config_json;
  std::string gateway_yaml_path;
  bool force_environment_config = false;                   // GATEWAY_CONFIG_FORCE_ENV_ON_STARTUP
  std::shared_ptr<const PostgresMaxConnections> postgres;  // null: not queried
};

// Network traffic since the start.
struct RedisTraffic {
  std::uint64_t round_trips = 0;
  std::uint64_t commands = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t connects = 0;
};

class RedisSource : public SnapshotSource {
 public:
  // Does not connect yet. kInvalidArgument: the URL, the configuration or the file is invalid.
  static absl::StatusOr<std::unique_ptr<RedisSource>> Create(RedisSourceOptions options);
  ~RedisSource() override;

  // One sample per target, with one part, source "redis". Error kinds: kConnect, kTimeout, kTls,
  // kAuth, kPermission, kLoading, kReadOnly, kMoved, kProtocol, kTooLarge, kFrozen, kNotFound.
  // `now` is the end of all windows and ages; it must not run backwards.
  std::vector<TargetSample> Collect(absl::Time now, absl::Duration timeout) override;

  void SetProgress(Progress* progress) override;
  std::size_t LeftOut() const override;
  bool Busy() const override;

  RedisTraffic traffic() const;
  std::size_t MemoryBytes() const;  // of the samples kept

 private:
  class Impl;
  explicit RedisSource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatscale
