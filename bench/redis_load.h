// A redis-server of our own, filled with tenants that work at a given rate.
#pragma once

#include <optional>
#include <string>

#include "bench/child.h"

struct redisContext;

namespace chatscale {

struct TenantShape {
  int ingress = 4, proc = 3;   // worker processes
  std::string gateway_config;  // a JSON object; empty: none is stored
};

class RedisLoad {
 public:
  // Ends the program with a message when there is no redis-server.
  explicit RedisLoad(TenantShape shape = {});
  ~RedisLoad();
  RedisLoad(const RedisLoad&) = delete;
  RedisLoad& operator=(const RedisLoad&) = delete;

  std::string Url() const { return "unix://" + socket_; }
  // Queues and configuration of `tenants` tenants ("t0", "t1", ...), and a first Beat.
  void AddTenants(int tenants, double now);
  // Heartbeats and streams of all of them, as of `now`.
  void Beat(int tenants, double now);
  // The tasks that ended from `from` to `to`, `per_second` in all, spread over the tenants: two
  // samples each, and one of a REST request.
  void AddTasks(int tenants, double per_second, double from, double to);
  // Bytes that others than this class sent to the server and received from it so far.
  double BytesOfOthers();

 private:
  void Send(const std::string& commands, long count);

  const TenantShape shape_;
  std::string folder_;
  std::string socket_;
  std::optional<Child> server_;
  redisContext* context_ = nullptr;
  double own_bytes_ = 0;
  long serial_ = 0;
};

}  // namespace chatscale
