// A real redis-server of our own: on a unix socket and a free port of the loopback, in a temporary
// folder, without persistence. Stopped when it goes out of scope, by its process id.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

namespace chatscale {

class RedisServer {
 public:
  // Fails the test, naming the package, when there is no redis-server.
  explicit RedisServer(std::vector<std::string> more_arguments = {});
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::string UnixUrl() const { return "unix://" + socket_path_; }
  std::string TcpUrl() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

  // Runs one command and returns its reply, printed: arrays one element per line.
  std::string Run(const std::vector<std::string>& arguments);
  // Sends commands in RESP, as recorded.
  void Load(std::string_view resp);

  // The commands the server carries out during `work`, as MONITOR prints them:
  //   1784894400.250000 [0 unix:/tmp/...] "GET" "key"
  std::vector<std::string> CommandsDuring(const std::function<void()>& work);

  void Stop();    // at once, and for good unless started again
  void Start();   // empty, on the same socket and port
  void Pause();   // the process no longer answers...
  void Resume();  // ...and does again

 private:
  TempFolder folder_;
  std::string socket_path_ = folder_.Path("redis.sock");
  int port_ = 0;
  std::vector<std::string> more_arguments_;
  std::optional<ChildProcess> process_;
};

}  // namespace chatscale
