// Where the collecting thread is: for whoever asks why no cycle ends. Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "exporter/core/target.h"

namespace chatscale {

class Progress {
 public:
  struct Place {
    absl::Duration since_begin;  // of the cycle
    std::string step;
    Target target;  // empty: all of them
  };

  void Begin() {
    const std::lock_guard lock(mutex_);
    begun_ = std::chrono::steady_clock::now();
  }
  // `step` must be a literal.
  void At(const char* step, const Target& target = {}) {
    const std::lock_guard lock(mutex_);
    step_ = step;
    target_ = target;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    begun_.reset();
  }
  // nullopt: between two cycles.
  std::optional<Place> Now() const {
    const std::lock_guard lock(mutex_);
    if (!begun_) return std::nullopt;
    return Place{absl::FromChrono(std::chrono::steady_clock::now() - *begun_), step_, target_};
  }

 private:
  mutable std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> begun_ ABSL_GUARDED_BY(mutex_);
  const char* step_ ABSL_GUARDED_BY(mutex_) = "";
  Target target_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chatscale
