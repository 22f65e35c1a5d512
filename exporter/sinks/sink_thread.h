// A sink and the thread that serves it: whatever the sink does, neither the collection loop nor a
// scrape nor another sink waits for it. Thread-safe.
//
// One publication waits while one is being delivered. A newer one takes its place, and it counts as
// skipped. A sink that throws or fails is tried again with the next publication, and before that
// with the same one if that may help.
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

// How long to wait before each retry: doubled every time, half of it random, so that many who were
// refused together do not come back together.

class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest) : next_(first), longest_(longest) {}

  // From half of `first` to `first`, then of twice that, up to `longest`.
  absl::Duration Next();

 private:
  absl::Duration next_;
  const absl::Duration longest_;
  std::mt19937 random_{std::random_device{}()};
};

struct SinkThreadOptions {
  absl::Duration timeout;  // of one try
  // No further try begins later than this after the first; none at all at zero.
  absl::Duration retry_for = absl::ZeroDuration();
  bool end = true;  // Sink::End in the end
};

class SinkThread {
 public:
  using Done = std::function<void(const SinkOutcome&)>;

  // `clock` must outlive this. `self` has how deliveries went.
  SinkThread(std::unique_ptr<Sink> sink, SinkThreadOptions options, const Clock* clock,
             std::shared_ptr<SelfMetrics> self);
  ~SinkThread();  // as Stop, and waits for a delivery under way

  // Never waits. `done` is told on some thread, once, what became of it or of the newer one that
  // took its place; kCancelled after Stop.
  void Offer(const Publication& publication, Done done = nullptr);
  // So many publications that would have been offered are not there.
  void Missed(std::uint64_t count);
  std::string_view name() const { return sink_->name(); }

  // Delivers nothing further and ends the sink; false when that takes longer than `grace`.
  bool Stop(absl::Duration grace);

 private:
  struct Order {
    Publication publication;
    std::vector<Done> done;  // of all who asked, those for what it took the place of too
  };

  void Run();
  absl::Status DeliverWithRetries(const Publication& publication, const Stopwatch& begun);
  bool PauseUndisturbed(absl::Duration pause);
  prometheus::Counter& Deliveries(const char* result) const;
  void Took(const Stopwatch& begun, const absl::Status& delivered);
  void Tell(const std::vector<Done>& done, const absl::Status& status, absl::Duration took) const;

  const std::unique_ptr<Sink> sink_;
  const SinkThreadOptions options_;
  const Clock* const clock_;
  const std::shared_ptr<SelfMetrics> self_;
  const prometheus::Labels labels_;
  prometheus::Counter &delivered_, &failed_;
  prometheus::Counter& skipped_;  // publications that a newer one overtook, and missed beats
  prometheus::Counter& retries_;
  absl::Status last_;  // as last logged; the thread's own

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Order> next_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chatscale
