// Sink thread: isolates a sink, so that neither collection nor scrapes nor other sinks wait for it.
// Thread-safe.
//
// One publication is queued during an export. A newer one replaces it, which counts as skipped. A
// failed export is retried with backoff where that may help, and otherwise with the next
// publication.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/model/clock.h"
#include "exporter/model/view.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

// Exponential backoff with jitter: the delay doubles, and half of it is random, so that clients do
// not retry together.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest) : next_(first), longest_(longest) {}

  // First between `first` / 2 and `first`, then twice that, up to `longest`.
  absl::Duration Next();

 private:
  absl::Duration next_;
  const absl::Duration longest_;
  std::mt19937 random_{std::random_device{}()};
};

struct SinkThreadOptions {
  absl::Duration timeout;  // of one attempt
  // Retries begin within this time after the first attempt; zero: no retries.
  absl::Duration retry_for = absl::ZeroDuration();
  bool end = true;  // call Sink::End at the end
};

class SinkThread {
 public:
  using Done = std::function<void(const SinkOutcome&)>;

  // `clock` must outlive this. `self` receives the sink's metrics.
  SinkThread(std::unique_ptr<Sink> sink, SinkThreadOptions options, const Clock* clock,
             std::shared_ptr<SelfMetrics> self);
  ~SinkThread();  // as Stop, and waits for a running export

  // Never blocks. `done` is called once, on any thread, with the outcome of this publication or of
  // the newer one that replaced it; kCancelled after Stop.
  void Offer(const Publication& publication, Done done = nullptr);
  // Counts publications that were never offered.
  void Missed(std::uint64_t count);
  std::string_view name() const { return sink_->name(); }

  // Cancels further exports and ends the sink; false when that takes longer than `grace`.
  bool Stop(absl::Duration grace);

 private:
  struct Order {
    Publication publication;
    std::vector<Done> done;  // callbacks for this publication and for those it replaced
  };

  void Run();
  absl::Status DeliverWithRetries(const Publication& publication, const Stopwatch& begun);
  bool PauseUndisturbed(absl::Duration pause);
  prometheus::Counter& Deliveries(const char* result) const;
  void Took(const Stopwatch& begun, const absl::Status& delivered);
  void Complete(const std::vector<Done>& done, const absl::Status& status,
                absl::Duration took) const;

  const std::unique_ptr<Sink> sink_;
  const SinkThreadOptions options_;
  const Clock* const clock_;
  const std::shared_ptr<SelfMetrics> self_;
  const prometheus::Labels labels_;
  prometheus::Counter &delivered_, &failed_;
  prometheus::Counter& skipped_;  // replaced publications and missed exports
  prometheus::Counter& retries_;
  absl::Status last_;  // last logged status; used by the thread alone

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Order> next_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chatscale
