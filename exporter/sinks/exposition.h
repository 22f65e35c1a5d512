// One View in the form a scrape gets it: written once, compressed at most once.
//
// Ages and the facts of the process go on while nothing is collected: they are written behind the
// settled rest, anew for each second in which somebody asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "exporter/core/samples.h"

namespace chatscale {

// The rows that stay as they are until the next collection.
struct SettledText {
  std::string text;
  std::map<std::string, std::uint64_t> dropped;  // series left out, by reason
};
SettledText Settle(const View& view, const SampleLimits& limits);

class Exposition {
 public:
  explicit Exposition(const View& view);
  // `live`: the same view as it is now; only what its live rows read needs to be filled in.
  Exposition(const SettledText& settled, const View& live, const SampleLimits& limits);

  const std::shared_ptr<const std::string>& text() const { return text_; }
  // The text as gzip; made at the first call. Thread-safe.
  std::shared_ptr<const std::string> gzip() const;
  // Null until gzip() has made it. Thread-safe.
  std::shared_ptr<const std::string> gzip_at_hand() const;

 private:
  std::shared_ptr<const std::string> text_;
  mutable std::once_flag compressed_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const std::string> gzip_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chatscale
