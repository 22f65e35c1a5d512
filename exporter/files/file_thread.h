// Reads or writes files on a thread of its own: a disk that hangs holds nobody up. Thread-safe.
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
  ~FileThread();  // waits for work under way: see Wait

  // Does it soon, in place of work that has not begun.
  void Offer(Work work);
  // Work has not ended yet.
  bool Busy() const;
  // Of the newest work that ended; kUnavailable while some takes longer than `hangs`.
  absl::Status Outcome(absl::Duration hangs = absl::Seconds(10)) const;
  // As Outcome, once nothing is left to do; kDeadlineExceeded when that takes longer than
  // `patience`: then end the process by std::_Exit.
  absl::Status Wait(absl::Duration patience);

 private:
  void Run();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Work next_ ABSL_GUARDED_BY(mutex_);
  absl::Status outcome_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::chrono::steady_clock::time_point> begun_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // from the first work on
};

}  // namespace chatscale
