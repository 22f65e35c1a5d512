// Something to wait for, opened once. absl::Notification would do, but Debian's Abseil is not built
// for the thread sanitizer, which then sees races where there are none.
#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace chatscale {

class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  // False when it is still closed after `timeout`.
  bool Wait(absl::Duration timeout) {
    std::unique_lock lock(mutex_);
    return opened_.wait_for(lock, absl::ToChronoNanoseconds(timeout), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

}  // namespace chatscale
