// Writes into a Redis what two workers of each service of acme/assist would, twice a second, as if
// it were now.
#pragma once

#include <atomic>
#include <thread>

#include "tests/support/redis_server.h"

namespace chatscale {

class BusyWorkers {
 public:
  explicit BusyWorkers(RedisServer& server);
  ~BusyWorkers();
  BusyWorkers(const BusyWorkers&) = delete;
  BusyWorkers& operator=(const BusyWorkers&) = delete;

  // Of each worker, of 5 slots and 100 streams; and tasks that wait.
  void SetLoad(int running, int streams, int waiting);

 private:
  void Beat();

  RedisServer& server_;
  std::atomic<int> running_ = 5, streams_ = 60, waiting_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace chatscale
