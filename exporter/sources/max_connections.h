// PostgreSQL's max_connections, queried once a minute, with a sooner retry after a failure. It has
// a thread of its own, so that no database ever delays a collection cycle.
//
//   PostgresMaxConnections postgres(address);
//   postgres.Current();   // nullopt until it is known
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatscale {

struct PostgresOptions {
  bool enabled = false;
  std::string host = "localhost";  // or the folder of a unix socket
  int port = 5432;
  std::string user;
  std::string password;       // secret
  std::string password_file;  // overrides `password`; read at every connect
  std::string database = "postgres";
  bool require_tls = false;
};

// One `SHOW max_connections` on a connection of its own. The lookup of the host's name is not
// bounded by `timeout`. Errors: kConnect, kAuth (unreadable password file), kTimeout, kProtocol,
// kTooLarge; they never contain the password.
absl::StatusOr<std::int64_t> QueryMaxConnections(const PostgresOptions& address,
                                                 absl::Duration timeout, std::stop_token stop);

struct PostgresPolling {
  absl::Duration interval = absl::Seconds(60);
  absl::Duration retry = absl::Seconds(5);  // after a failed query
  absl::Duration timeout = absl::Seconds(5);
  // The setting only changes with a restart of the server, so a value outlives a few failures.
  absl::Duration keep = absl::Minutes(10);
};

class PostgresMaxConnections {
 public:
  // The callback `on_change` is called once when queries begin to fail and once, with OK, when they
  // succeed again; on the thread of this object.
  explicit PostgresMaxConnections(PostgresOptions address, PostgresPolling polling = {},
                                  std::function<void(const absl::Status&)> on_change = nullptr);

  // Never blocks. Nullopt: not known yet, or not confirmed for PostgresPolling::keep.
  std::optional<std::int64_t> Current() const;
  // Result of the last query.
  absl::Status status() const;
  // A query is running: it may hang with a disk or a name server.
  bool Busy() const { return querying_; }

 private:
  void Poll(const std::stop_token& stop);

  const PostgresOptions address_;
  const PostgresPolling polling_;
  const std::function<void(const absl::Status&)> on_change_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<std::int64_t> value_;
  std::chrono::steady_clock::time_point confirmed_;
  absl::Status status_ = absl::UnavailableError("PostgreSQL: not read yet");
  std::atomic<bool> querying_{false};
  std::jthread thread_;  // last member: stopped before the others are destroyed
};

}  // namespace chatscale
