// One View in the form a scrape gets it: written once, compressed at most once.
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

class Exposition {
 public:
  explicit Exposition(const View& view, const SampleLimits& limits = {});

  const std::shared_ptr<const std::string>& text() const { return text_; }
  // The text as gzip; made at the first call. Thread-safe.
  std::shared_ptr<const std::string> gzip() const;
  // Null until gzip() has made it. Thread-safe.
  std::shared_ptr<const std::string> gzip_at_hand() const;
  // Series left out, by reason.
  const std::map<std::string, std::uint64_t>& dropped() const { return dropped_; }

 private:
  std::shared_ptr<const std::string> text_;
  std::map<std::string, std::uint64_t> dropped_;
  mutable std::once_flag compressed_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const std::string> gzip_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chatscale
