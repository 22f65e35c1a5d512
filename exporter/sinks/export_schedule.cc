#include "exporter/sinks/export_schedule.h"

#include <chrono>
#include <exception>

#include "exporter/files/log.h"

namespace chatscale {

void ExportSchedule::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ExportSchedule::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void ExportSchedule::Run() {
  using Steady = std::chrono::steady_clock;
  const auto interval =
      std::chrono::duration_cast<Steady::duration>(absl::ToChronoNanoseconds(options_.interval));
  Steady::time_point due = Steady::now();
  if (!options_.on_start) due += interval;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_until(lock, due, [this] { return stopping_; })) return;
    }
    try {
      options_.run();
    } catch (const std::exception& error) {
      Log(LogLevel::kError, "a scheduled export failed", {{"error", error.what()}});
    }
    const auto late = (Steady::now() - due) / interval;
    if (late > 0) options_.missed(static_cast<std::uint64_t>(late));
    due += (late + 1) * interval;
  }
}

}  // namespace chatscale
