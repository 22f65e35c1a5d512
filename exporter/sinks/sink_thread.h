// A sink and the thread that serves it: whatever the sink does, neither the collection loop nor a
// scrape nor another sink waits for it. Thread-safe.
//
// One publication waits while one is being delivered. A newer one takes its place, and it counts as
// skipped. A sink that throws or fails is tried again with the next publication.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "exporter/core/clock.h"
#include "exporter/core/view.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

class SinkThread {
 public:
  // `timeout`: of one delivery. `clock` must outlive this.
  SinkThread(std::unique_ptr<Sink> sink, absl::Duration timeout, const Clock* clock);
  ~SinkThread();  // as Stop, and waits for a delivery under way

  void Offer(const Publication& publication);  // never waits
  SinkStats Stats() const;

  // Delivers nothing further and ends the sink; false when that takes longer than `grace`.
  bool Stop(absl::Duration grace);

 private:
  void Run();
  void Took(absl::Time begun, const absl::Status& delivered);

  const std::unique_ptr<Sink> sink_;
  const absl::Duration timeout_;
  const Clock* const clock_;
  absl::Status last_;  // as last logged; the thread's own

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Publication> next_ ABSL_GUARDED_BY(mutex_);
  SinkStats stats_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chatscale
