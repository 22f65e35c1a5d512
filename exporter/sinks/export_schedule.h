// Export schedule: a thread that starts an export every `interval`. It only hands out what was
// published, so neither a sink nor a source delays it. Exports that it missed are counted.
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
  absl::Duration interval = absl::Seconds(30);
  bool on_start = true;  // false: the first export comes one interval after Start
  std::function<void()> run;
  std::function<void(std::uint64_t)> missed;  // callback with the number of missed exports
};

class ExportSchedule {
 public:
  explicit ExportSchedule(ExportScheduleOptions options) : options_(std::move(options)) {}
  ~ExportSchedule() { Stop(); }

  void Start();
  void Stop();  // waits for the running callback; idempotent

 private:
  void Run();

  const ExportScheduleOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chatscale
