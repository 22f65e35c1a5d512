// A real PostgreSQL of our own: in a temporary folder, on a unix socket and a free port of the
// loopback. As root it runs as the user nobody, since PostgreSQL refuses root.
#pragma once

#include <optional>

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

namespace chatscale {

class PostgresServer {
 public:
  // Fails the test, naming the package, when there is no PostgreSQL.
  explicit PostgresServer(int max_connections);
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  int port() const { return port_; }
  static const char* user() { return "chatscale"; }
  static const char* password() { return "s3cret"; }
  void Pause();
  void Resume();

 private:
  void Start(int max_connections);

  TempFolder folder_;
  int port_ = 0;
  std::optional<ChildProcess> process_;
};

}  // namespace chatscale
