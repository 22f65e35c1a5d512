// Threads for connections: one each, with a small stack; idle threads are reused.
#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace chatscale {

class ConnectionThreads {
 public:
  ConnectionThreads() = default;
  ~ConnectionThreads();  // joins all

  // False: no thread can be created, and none became free until `deadline`.
  bool Run(std::function<void()> task, std::chrono::steady_clock::time_point deadline = {});
  // Ends the idle threads and waits for the others until `deadline`. False: some still run.
  bool Stop(std::chrono::steady_clock::time_point deadline);

 private:
  static void* Main(void* self);
  void Work();
  bool TryRun(std::function<void()>& task);  // requires the mutex to be held
  void JoinEnded(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable work_, free_;  // a thread is idle or has ended
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);  // each has an idle thread
  std::vector<pthread_t> joinable_ ABSL_GUARDED_BY(mutex_);          // ended threads
  std::size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t threads_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace chatscale
