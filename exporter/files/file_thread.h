// File I/O on a thread of its own, so that a disk that hangs blocks no caller. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace chatscale {

class FileThread {
 public:
  using Work = std::function<absl::Status()>;

  FileThread() = default;
  FileThread(const FileThread&) = delete;
  FileThread& operator=(const FileThread&) = delete;
  ~FileThread();  // waits for running work: see Wait

  // Queues `work`; replaces work that has not begun.
  void Offer(Work work);
  // Work is queued or running.
  bool Busy() const;
  // Result of the last work that ended; kUnavailable while one takes longer than `hangs`.
  absl::Status Outcome(absl::Duration hangs = absl::Seconds(10)) const;
  // Outcome once all work has ended; kDeadlineExceeded after the timeout `timeout`: then the
  // process must end by std::_Exit.
  absl::Status Wait(absl::Duration timeout);

 private:
  void Run();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Work next_ ABSL_GUARDED_BY(mutex_);
  absl::Status outcome_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::chrono::steady_clock::time_point> begun_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // started by the first Offer
};

}  // namespace chatscale
