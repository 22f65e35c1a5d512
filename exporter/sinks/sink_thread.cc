#include "exporter/sinks/sink_thread.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "exporter/files/log.h"

namespace chatscale {

absl::Duration Backoff::Next() {
  const absl::Duration whole = std::min(next_, longest_);
  next_ = 2 * whole;
  return whole * std::uniform_real_distribution<double>(0.5, 1)(random_);
}

namespace {

// Catches exceptions of libraries, which must not end the sink's thread.
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

SinkThread::SinkThread(std::unique_ptr<Sink> sink, SinkThreadOptions options, const Clock* clock,
                       std::shared_ptr<SelfMetrics> self)
    : sink_(std::move(sink)),
      options_(options),
      clock_(clock),
      self_(std::move(self)),
      labels_{{"sink", std::string(sink_->name())}},
      delivered_(Deliveries("delivered")),
      failed_(Deliveries("failed")),
      skipped_(Deliveries("skipped")),
      retries_(self_->Counter("chat.exporter.sink_retries_total").Add(labels_)) {
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
        skipped_.Increment();
      } else {
        next_.emplace();
      }
      next_->publication = publication;
      if (done) next_->done.push_back(std::move(done));
      changed_.notify_all();
      return;
    }
  }
  if (done) Complete({done}, Stopping(), absl::ZeroDuration());
}

void SinkThread::Missed(std::uint64_t count) { skipped_.Increment(static_cast<double>(count)); }

prometheus::Counter& SinkThread::Deliveries(const char* result) const {
  prometheus::Labels labels = labels_;
  labels.emplace("result", result);
  return self_->Counter("chat.exporter.sink_deliveries_total").Add(labels);
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
      if (order.has_value()) Complete(order->done, Stopping(), absl::ZeroDuration());
      break;
    }
    const Stopwatch begun;
    const absl::Status delivered = DeliverWithRetries(order->publication, begun);
    Took(begun, delivered);
    Complete(order->done, delivered, begun.Elapsed());
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
    retries_.Increment();
  }
}

// false: interrupted by a newer publication or by Stop.
bool SinkThread::PauseUndisturbed(absl::Duration pause) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, absl::ToChronoNanoseconds(pause),
                            [this] { return next_.has_value() || stopping_; });
}

void SinkThread::Took(const Stopwatch& begun, const absl::Status& delivered) {
  const auto set = [this](const char* name, double value) {
    self_->Gauge(name).Add(labels_).Set(value);
  };
  set("chat.exporter.sink_up", delivered.ok() ? 1 : 0);
  set("chat.exporter.sink_delivery_duration_seconds", absl::ToDoubleSeconds(begun.Elapsed()));
  if (delivered.ok()) {
    set("chat.exporter.sink_last_success_timestamp_seconds",
        absl::ToDoubleSeconds(clock_->Now() - absl::UnixEpoch()));
  }
  (delivered.ok() ? delivered_ : failed_).Increment();
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

void SinkThread::Complete(const std::vector<Done>& done, const absl::Status& status,
                          absl::Duration took) const {
  for (const Done& callback : done) callback({std::string(sink_->name()), status, took});
}

}  // namespace chatscale
