#include "exporter/sinks/sink_thread.h"

#include <exception>
#include <string>
#include <utility>

#include "exporter/log/log.h"

namespace chatscale {
namespace {

// Libraries throw; a sink's thread must not end by that.
template <typename Act>
absl::Status Guarded(Act act) {
  try {
    return act();
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace

SinkThread::SinkThread(std::unique_ptr<Sink> sink, absl::Duration timeout, const Clock* clock)
    : sink_(std::move(sink)), timeout_(timeout), clock_(clock) {
  stats_.sink = std::string(sink_->name());
  thread_ = std::thread([this] { Run(); });
}

SinkThread::~SinkThread() {
  Stop(absl::ZeroDuration());
  thread_.join();
}

void SinkThread::Offer(const Publication& publication) {
  const std::lock_guard lock(mutex_);
  if (next_.has_value()) ++stats_.skipped;
  next_ = publication;
  changed_.notify_all();
}

SinkStats SinkThread::Stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

bool SinkThread::Stop(absl::Duration grace) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, absl::ToChronoNanoseconds(grace), [this] { return ended_; });
}

void SinkThread::Run() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return next_.has_value() || stopping_; });
    if (stopping_) break;
    const Publication publication = *std::exchange(next_, std::nullopt);
    lock.unlock();
    const absl::Time begun = clock_->Now();
    Took(begun, Guarded([&] { return sink_->Deliver(publication, timeout_); }));
  }
  if (const absl::Status ended = Guarded([this] { return sink_->End(timeout_); }); !ended.ok()) {
    Log(LogLevel::kWarning, "sink not ended",
        {{"sink", std::string(sink_->name())}, {"error", std::string(ended.message())}});
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void SinkThread::Took(absl::Time begun, const absl::Status& delivered) {
  {
    const std::lock_guard lock(mutex_);
    stats_.up = delivered.ok();
    stats_.duration = clock_->Now() - begun;
    ++(delivered.ok() ? stats_.delivered : stats_.failed);
    if (delivered.ok()) stats_.last_success = clock_->Now();
  }
  if (delivered == last_) return;
  last_ = delivered;
  const std::string sink(sink_->name());
  if (delivered.ok()) {
    Log(LogLevel::kInfo, "sink works again", {{"sink", sink}});
  } else {
    Log(LogLevel::kWarning, "sink fails",
        {{"sink", sink}, {"error", std::string(delivered.message())}});
  }
}

}  // namespace chatscale
