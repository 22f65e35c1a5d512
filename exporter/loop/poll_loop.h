// The collection loop: takes a snapshot every interval and publishes one immutable View.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "exporter/metrics/publication.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/model/clock.h"
#include "exporter/model/held_target.h"
#include "exporter/model/reading.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/advisor.h"

namespace chatscale {

struct PollLoopOptions {
  std::string mode;
  absl::Duration interval = absl::Seconds(15);
  absl::Duration timeout = absl::Seconds(5);  // of one collection
  absl::Duration max_age = absl::Seconds(75);
  absl::Duration longest_cycle = absl::InfiniteDuration();  // of one that is not stalled
  std::shared_ptr<const Naming> naming = Naming::Own();
  std::shared_ptr<SelfMetrics> self = std::make_shared<SelfMetrics>();
  Advisor* advisor = nullptr;                         // may be null
  std::function<void(const Publication&)> published;  // told on the collecting thread; may be empty
};

class PollLoop {
 public:
  // `source` and `clock` must outlive this. Publishes a View without targets at once.
  PollLoop(PollLoopOptions options, SnapshotSource* source, const Clock* clock);
  ~PollLoop();  // stops, and waits for a collection under way

  void Start();  // the first collection begins now
  // Begins no further collection; false when one is still under way after `grace`.
  bool Stop(absl::Duration grace);

  // That a cycle should have ended long ago; nullopt: all is well. The log says, once, in which
  // step and target it is. Thread-safe.
  std::optional<std::string> Stalled();

  // Collects once on the caller's thread; only when not started.
  void CollectOnce() { Collect(); }

  // The newest publication. Asks for a collection when it is older than `ttl`, shared by all who
  // ask, and waits for it, or for the first, until `patience` after the first of them asked. When
  // the loop has not published for longer than the maximum age, what was observed is withheld.
  // Nobody waits any more once Stop was called.
  Publication Read(absl::Duration ttl, absl::Duration patience);

 private:
  void Run();
  void Collect();
  void Build(const std::vector<TargetReading>& readings);
  Publication Publish(std::shared_ptr<const View> view);
  std::vector<TargetView> Hold(const std::vector<TargetReading>& readings, absl::Time now);
  Publication Withheld(const std::shared_ptr<const View>& stale);
  RenderedRows Settled(const View& view) const;
  Publication PublicationOf(std::shared_ptr<const View> view, std::string settled) const;
  void Advise(View& view);
  // Only the View without targets has been published.
  bool NothingYet() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return rounds_ == 1; }

  const PollLoopOptions options_;
  SnapshotSource* const source_;
  const Clock* const clock_;
  Progress progress_;
  prometheus::Gauge &targets_, &targets_left_out_;
  prometheus::Histogram& cycle_duration_;

  // The collecting thread's own.
  std::map<Target, HeldTarget> held_;
  absl::Status files_;  // the advisor's, as last logged

  std::mutex mutex_;
  std::condition_variable changed_;  // any of what follows
  Publication newest_ ABSL_GUARDED_BY(mutex_);
  // What is shown instead of `withheld_of_`, since it is too old.
  Publication withheld_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const View> withheld_of_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t rounds_ ABSL_GUARDED_BY(mutex_) = 0;  // Views published
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  // When a collection was first asked for since the last one ended.
  std::optional<std::chrono::steady_clock::time_point> asked_ ABSL_GUARDED_BY(mutex_);
  bool told_of_stall_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chatscale
