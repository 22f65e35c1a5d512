// A real redis-server of our own: on a unix socket and a free port of the loopback, in a temporary
// folder, without persistence. Stopped when it goes out of scope, by its process id.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace chatscale::testing {

class RedisServer {
 public:
  // Fails the test, naming the package, when there is no redis-server.
  RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer();

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
  std::string folder_;
  std::string socket_path_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace chatscale::testing
