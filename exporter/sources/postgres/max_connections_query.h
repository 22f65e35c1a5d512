// `SHOW max_connections`, once, with a deadline.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatscale {

struct PostgresAddress {
  std::string host = "localhost";  // or the folder of a unix socket
  int port = 5432;
  std::string user;
  std::string password;       // secret
  std::string password_file;  // overrides `password`; read at every connect
  std::string database = "postgres";
  bool require_tls = false;
};

// Connects, asks, disconnects. Looking up the host's name is not bounded by `timeout`. Errors never
// contain the password: kConnect, kAuth (unreadable password file), kTimeout, kProtocol.
absl::StatusOr<std::int64_t> QueryMaxConnections(const PostgresAddress& address,
                                                 absl::Duration timeout, std::stop_token stop);

}  // namespace chatscale
