#include "exporter/files/file_thread.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/model/try_thread.h"

namespace chatscale {

FileThread::~FileThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void FileThread::Offer(Work work) {
  const std::lock_guard lock(mutex_);
  next_ = std::move(work);
  if (!thread_.joinable()) {
    auto thread = TryThread([this] { Run(); });
    if (!thread) {
      next_ = nullptr;
      outcome_ = absl::UnavailableError("no thread to read or write files");
      return;
    }
    thread_ = *std::move(thread);
  }
  changed_.notify_all();
}

bool FileThread::Busy() const {
  const std::lock_guard lock(mutex_);
  return next_ || begun_;
}

absl::Status FileThread::Outcome(absl::Duration hangs) const {
  const std::lock_guard lock(mutex_);
  if (begun_) {
    const absl::Duration since = absl::FromChrono(std::chrono::steady_clock::now() - *begun_);
    if (since > hangs) return absl::UnavailableError("the disk hangs: a write has not ended");
  }
  return outcome_;
}

absl::Status FileThread::Wait(absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  const bool done = changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout),
                                      [this] { return !next_ && !begun_; });
  if (done) return outcome_;
  return absl::DeadlineExceededError(
      absl::StrCat("the disk hangs: not written within ", absl::FormatDuration(timeout)));
}

void FileThread::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return next_ || stopping_; });
    if (!next_) return;
    const Work work = std::exchange(next_, nullptr);
    begun_ = std::chrono::steady_clock::now();
    lock.unlock();
    absl::Status outcome = work();
    lock.lock();
    outcome_ = std::move(outcome);
    begun_.reset();
    changed_.notify_all();
  }
}

}  // namespace chatscale
