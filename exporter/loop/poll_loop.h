// Collection loop: collects from the source every interval and publishes one immutable View.
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
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/model/clock.h"
#include "exporter/model/held_target.h"
#include "exporter/model/source.h"
#include "exporter/model/view.h"
#include "exporter/recommendations/recommender.h"

namespace chatscale {

struct PollLoopOptions {
  std::string mode;
  absl::Duration interval = absl::Seconds(15);
  absl::Duration timeout = absl::Seconds(5);  // of one collection
  absl::Duration max_age = absl::Seconds(75);
  absl::Duration longest_cycle = absl::InfiniteDuration();  // a longer one is stalled
  std::shared_ptr<const Naming> naming = Naming::Own();
  std::shared_ptr<SelfMetrics> self = std::make_shared<SelfMetrics>();
  Recommender* recommender = nullptr;                 // may be null
  std::function<void(const Publication&)> published;  // callback on the collecting thread, or empty
};

class PollLoop {
 public:
  // `source` and `clock` must outlive this. Publishes a View without targets at once.
  PollLoop(PollLoopOptions options, SnapshotSource* source, const Clock* clock);
  ~PollLoop();  // stops, and waits for a running collection cycle

  void Start();  // the first collection cycle begins at once
  // Begins no further cycle; false when one is still running after `grace`.
  bool Stop(absl::Duration grace);

  // Describes a cycle that is longer than `longest_cycle`; nullopt: none is. Logs once in which
  // step and target it is. Thread-safe.
  std::optional<std::string> Stalled();

  // Collects once on the caller's thread; only when not started.
  void CollectOnce() { Collect(); }

  // The newest publication. When it is older than `ttl`, requests a collection cycle, which all
  // concurrent callers share, and waits for it, or for the first one, until the timeout `timeout`
  // after the first request. When it is stale (older than max_age), observed values are withheld.
  // Does not wait after Stop.
  Publication Read(absl::Duration ttl, absl::Duration timeout);

 private:
  void Run();
  void Collect();
  void Build(const std::vector<TargetSample>& samples);
  Publication Publish(std::shared_ptr<const View> view);
  std::vector<TargetView> Hold(const std::vector<TargetSample>& samples, absl::Time now);
  Publication Withheld(const std::shared_ptr<const View>& stale);
  RenderedRows Settled(const View& view) const;
  Publication PublicationOf(std::shared_ptr<const View> view, std::string settled) const;
  void RecommendInPlace(View& view);
  // No cycle has ended: only the View without targets has been published.
  bool FirstCyclePending() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return cycles_ == 1; }

  const PollLoopOptions options_;
  SnapshotSource* const source_;
  const Clock* const clock_;
  Progress progress_;
  prometheus::Gauge &targets_, &targets_left_out_;
  prometheus::Histogram& cycle_duration_;

  // Used by the collecting thread only.
  std::map<Target, HeldTarget> held_;
  absl::Status files_;  // the recommender's, as last logged

  std::mutex mutex_;
  std::condition_variable changed_;  // any of the following members
  Publication newest_ ABSL_GUARDED_BY(mutex_);
  // Shown instead of `withheld_of_`, which is stale.
  Publication withheld_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const View> withheld_of_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t cycles_ ABSL_GUARDED_BY(mutex_) = 0;  // Views published
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  // First request of a cycle since the last one ended.
  std::optional<std::chrono::steady_clock::time_point> requested_at_ ABSL_GUARDED_BY(mutex_);
  bool stall_logged_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chatscale
