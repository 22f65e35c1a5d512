// Source of redis mode: reads any number of targets over one connection, incrementally.
//
// Never writes. The rights it needs are in docs/redis-mode.md, Rights.
// A collection cycle in steady state takes two round trips for up to a hundred targets. The first
// one backfills the last hour, with as many round trips as fit into half of its timeout. What could
// not be read by then is unknown and follows in the next cycles.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/model/source.h"
#include "exporter/model/target.h"
#include "exporter/redis/target_reader.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/sources/max_connections.h"

namespace chatscale {

struct RedisSourceOptions {
  std::string url = "redis://localhost:6379/0";  // secret; see exporter/redis/wire/redis_url.h
  redis::ConnectionOptions connection;           // Create fills in the address
  redis::ReaderOptions reader;                   // Create fills in the fallback, from these two:
  std::string gateway_config_json;
  std::string gateway_yaml_path;
  // Targets to read. Empty: the one of the gateway configuration, else `environment_target`.
  std::vector<Target> targets;
  Target environment_target;  // TENANT_ID, PROJECT_ID
  bool discover = false;      // read all targets found in Redis, at most `max_discovered`
  std::size_t max_discovered = 1000;
  std::shared_ptr<const PostgresMaxConnections> postgres;  // null: not queried
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

  redis::Traffic traffic() const;
  std::size_t MemoryBytes() const;  // of the samples kept

 private:
  class Impl;
  explicit RedisSource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatscale
