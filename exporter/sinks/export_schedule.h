// The beat of exports: every `interval`, on a thread of its own. It only hands out what was
// published, so that neither a sink nor a source stops it; and what it was too late for it counts.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace chatscale {

struct ExportScheduleOptions {
  absl::Duration interval;
  bool on_start = true;  // else the first comes one interval after Start
  std::function<void()> beat;
  std::function<void(std::uint64_t)> missed;  // that many beats in a row
};

class ExportSchedule {
 public:
  explicit ExportSchedule(ExportScheduleOptions options) : options_(std::move(options)) {}
  ~ExportSchedule() { Stop(); }

  void Start();
  void Stop();  // after the beat under way; idempotent

 private:
  void Run();

  const ExportScheduleOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chatscale
