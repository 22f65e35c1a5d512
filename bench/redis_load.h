// A redis-server of our own, filled with tenants that work at a given rate.
#pragma once

#include <sys/types.h>

#include <string>

namespace chatscale {

class RedisLoad {
 public:
  // Ends the program with a message when there is no redis-server.
  RedisLoad();
  ~RedisLoad();
  RedisLoad(const RedisLoad&) = delete;
  RedisLoad& operator=(const RedisLoad&) = delete;

  std::string Url() const { return "unix://" + socket_; }
  // Heartbeats, streams and queues of `tenants` tenants ("t0", "t1", ...) as of `now`.
  void AddTenants(int tenants, double now);
  // The tasks that ended from `from` to `to`, `per_second` in all, spread over the tenants: two
  // samples each, and one of a REST request.
  void AddTasks(int tenants, double per_second, double from, double to);

 private:
  void Send(const std::string& commands, long count);

  std::string folder_;
  std::string socket_;
  pid_t pid_ = -1;
  long serial_ = 0;
};

}  // namespace chatscale
