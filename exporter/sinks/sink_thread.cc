#include "exporter/sinks/sink_thread.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "exporter/log/log.h"
#include "exporter/sinks/backoff.h"

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

absl::Status Stopping() { return absl::CancelledError("chatscale is stopping"); }

Backoff BackoffWithin(absl::Duration time) {
  constexpr absl::Duration kFirst = absl::Seconds(2);
  return {std::min(kFirst, time / 8), time / 3};
}

}  // namespace

SinkThread::SinkThread(std::unique_ptr<Sink> sink, SinkThreadOptions options, const Clock* clock)
    : sink_(std::move(sink)), options_(options), clock_(clock) {
  stats_.sink = std::string(sink_->name());
  thread_ = std::thread([this] { Run(); });
}

SinkThread::~SinkThread() {
  Stop(absl::ZeroDuration());
  thread_.join();
}

void SinkThread::Offer(const Publication& publication, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      if (next_.has_value()) {
        ++stats_.skipped;
      } else {
        next_.emplace();
      }
      next_->publication = publication;
      if (done) next_->done.push_back(std::move(done));
      changed_.notify_all();
      return;
    }
  }
  if (done) Tell({done}, Stopping(), absl::ZeroDuration());
}

void SinkThread::Missed(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  stats_.skipped += count;
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
    const std::optional<Order> order = std::exchange(next_, std::nullopt);
    const bool stopping = stopping_;
    lock.unlock();
    if (stopping) {
      if (order.has_value()) Tell(order->done, Stopping(), absl::ZeroDuration());
      break;
    }
    const Stopwatch begun;
    const absl::Status delivered = DeliverWithRetries(order->publication, begun);
    Took(begun, delivered);
    Tell(order->done, delivered, begun.Elapsed());
  }
  if (options_.end) {
    const absl::Status ended = Guarded([this] { return sink_->End(options_.timeout); });
    if (!ended.ok()) {
      Log(LogLevel::kWarning, "sink not ended",
          {{"sink", std::string(sink_->name())}, {"error", std::string(ended.message())}});
    }
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

absl::Status SinkThread::DeliverWithRetries(const Publication& publication,
                                            const Stopwatch& begun) {
  Backoff backoff = BackoffWithin(options_.retry_for);
  while (true) {
    absl::Status delivered = Guarded([&] { return sink_->Deliver(publication, options_.timeout); });
    if (delivered.ok() || !WorthRetrying(delivered)) return delivered;
    const absl::Duration pause = backoff.Next();
    if (begun.Elapsed() + pause > options_.retry_for) return delivered;
    if (!PauseUndisturbed(pause)) return delivered;
    const std::lock_guard lock(mutex_);
    ++stats_.retries;
  }
}

// false: something newer waits, or the end.
bool SinkThread::PauseUndisturbed(absl::Duration pause) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, absl::ToChronoNanoseconds(pause),
                            [this] { return next_.has_value() || stopping_; });
}

void SinkThread::Took(const Stopwatch& begun, const absl::Status& delivered) {
  {
    const std::lock_guard lock(mutex_);
    stats_.up = delivered.ok();
    stats_.duration = begun.Elapsed();
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

void SinkThread::Tell(const std::vector<Done>& done, const absl::Status& status,
                      absl::Duration took) const {
  for (const Done& tell : done) tell({std::string(sink_->name()), status, took});
}

}  // namespace chatscale
