// One View in the form a scrape gets it. Thread-safe.
//
// Most rows are collected: written once. Ages and the facts of the process go on while nothing is
// collected: they are written behind the rest when somebody asks, anew for each second. Plain and
// compressed text are each made for the first who asks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "exporter/core/clock.h"
#include "exporter/core/samples.h"

namespace chatscale {

// The rows that stay as they are until the next collection.
struct CollectedText {
  std::string text;
  std::map<std::string, std::uint64_t> dropped;  // series left out, by reason
};
CollectedText RenderCollected(const View& view, const SampleOptions& options);

class Exposition {
 public:
  // The same view at another instant; only what its live rows read needs to be filled in.
  using LiveView = std::function<View(absl::Time now)>;

  explicit Exposition(const View& view);  // all rows, as they are in it
  // `clock` must outlive this.
  Exposition(std::string collected, LiveView live, SampleOptions options, const Clock* clock);

  using Text = std::shared_ptr<const std::string>;
  Text text() const;
  Text gzip() const;

 private:
  bool Fresh() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The rows behind the settled ones, as of this second.
  Text LiveRows() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  using Make = std::string (*)(std::string_view settled, std::string_view live);
  Text Get(Text& made, Make make) const;
  Text Cached(const Text& made) const;  // null: none, or too old

  const std::string settled_;  // empty where nothing is live: all rows are among the others
  const LiveView live_;
  const SampleOptions options_;
  const Clock* const clock_;  // null: nothing is live

  mutable std::mutex writing_;  // held while a text is made: others wait for that one
  mutable std::mutex mutex_;
  mutable Text live_rows_ ABSL_GUARDED_BY(mutex_);
  mutable Text text_ ABSL_GUARDED_BY(mutex_);  // of settled and live rows; null until somebody asks
  mutable Text gzip_ ABSL_GUARDED_BY(mutex_);  // the same
  mutable absl::Time written_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chatscale
