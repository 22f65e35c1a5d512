// Limits how many handlers run concurrently and how many connections wait. A free place goes to the
// network whose last turn is longest ago, there to the connection that has waited longest, and
// wakes only that one. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "exporter/server/connection.h"

namespace chatscale {

struct RequestGateLimits {
  std::size_t running = 4;
  std::size_t waiting = 64;
  std::size_t waiting_per_network = 16;
  std::chrono::milliseconds timeout{5'000};  // timeout of the wait
};

class RequestGate {
 public:
  enum class Outcome {
    kEntered,  // Leave must be called
    kBusy,     // too many wait, the wait timed out, or the listener stops
    kGone,     // the client closed, or the connection was evicted
  };

  explicit RequestGate(const RequestGateLimits& limits) : limits_(limits) {}

  // Waits until `deadline` at the latest.
  Outcome Enter(Connection& connection, Connection::Time deadline = Connection::Time::max());
  void Leave();
  // From now on Enter returns kBusy, to waiting connections as well.
  void Close();

 private:
  struct Waiter {
    Connection* connection;
    bool entered = false;
  };
  // These require the mutex to be held.
  bool Full(const Connection& connection) const;
  std::list<Waiter*>::const_iterator Next() const;
  void TakeTurn(const Connection& connection);

  const RequestGateLimits limits_;
  std::mutex mutex_;
  std::size_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  std::list<Waiter*> waiting_ ABSL_GUARDED_BY(mutex_);  // longest wait first
  std::uint64_t turns_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::uint64_t> last_turns_ ABSL_GUARDED_BY(mutex_);  // of networks
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace chatscale
