// REDIS_URL: parses the server's address and the credentials. Pure.
//
//   redis://[[user]:password@]host[:port][/db]      redis://:secret@cache:6380/2
//   unix://[[user]:password@]/path[?db=N]           unix:///run/redis.sock?db=1
//   redis+unix://…, redis+socket://…                the same as unix://
//   rediss://…                                      as redis://, through TLS
//
// Options (?name=value&...): db, username, password. redis-py's options for its own client
// (pooling, timeouts) are ignored, those for other certificates refused. User and password are
// percent-decoded. Errors are kInvalidArgument and never repeat a value of the URL.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace chatscale::redis {

struct Address {
  std::string host = "localhost";
  int port = 6379;
  std::string unix_path;  // not empty: a unix socket; host and port are unused
  std::string user;       // empty: the default user
  std::string password;   // empty: no AUTH, unless a password file is given
  int db = 0;
  bool tls = false;

  // For messages: "redis://cache:6380/2", without user and password.
  std::string Printable() const;
};

absl::StatusOr<Address> ParseUrl(std::string_view url);

}  // namespace chatscale::redis
