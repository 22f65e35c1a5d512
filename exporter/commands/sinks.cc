#include "exporter/commands/sinks.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "exporter/core/clock.h"
#include "exporter/sinks/textfile_sink.h"

namespace chatscale {

Sinks::Sinks(const Config& config) {
  const auto add = [&](std::unique_ptr<Sink> sink) {
    threads_.push_back(
        std::make_unique<SinkThread>(std::move(sink), config.request_timeout, &SystemClock()));
  };
  if (!config.textfile_path.empty()) add(std::make_unique<TextfileSink>(config.textfile_path));
}

void Sinks::Offer(const Publication& publication) {
  for (const auto& thread : threads_) thread->Offer(publication);
}

std::vector<SinkStats> Sinks::Stats() const {
  std::vector<SinkStats> stats;
  stats.reserve(threads_.size());
  for (const auto& thread : threads_) stats.push_back(thread->Stats());
  return stats;
}

bool Sinks::Stop(absl::Duration grace) {
  for (const auto& thread : threads_) thread->Stop(absl::ZeroDuration());
  const absl::Time give_up = absl::Now() + grace;
  bool all = true;
  for (const auto& thread : threads_) {
    all = thread->Stop(std::max(absl::ZeroDuration(), give_up - absl::Now())) && all;
  }
  return all;
}

}  // namespace chatscale
