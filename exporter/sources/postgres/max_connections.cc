#include "exporter/sources/postgres/max_connections.h"

namespace chatscale {

PostgresMaxConnections::PostgresMaxConnections(PostgresAddress address, PostgresPolling polling,
                                               std::function<void(const absl::Status&)> on_change)
    : address_(std::move(address)),
      polling_(polling),
      on_change_(std::move(on_change)),
      thread_([this](const std::stop_token& stop) { Poll(stop); }) {}

void PostgresMaxConnections::Poll(const std::stop_token& stop) {
  bool failing = false;
  while (!stop.stop_requested()) {
    asking_ = true;
    const auto answer = QueryMaxConnections(address_, polling_.timeout, stop);
    asking_ = false;
    if (answer.ok() == failing && !stop.stop_requested()) {
      failing = !answer.ok();
      if (on_change_) on_change_(answer.status());
    }
    std::unique_lock lock(mutex_);
    status_ = answer.status();
    if (answer.ok()) {
      value_ = *answer;
      confirmed_ = std::chrono::steady_clock::now();
    }
    const absl::Duration pause = answer.ok() ? polling_.interval : polling_.retry;
    wake_.wait_for(lock, stop, absl::ToChronoNanoseconds(pause), [] { return false; });
  }
}

std::optional<std::int64_t> PostgresMaxConnections::Current() const {
  const std::scoped_lock lock(mutex_);
  const auto age = std::chrono::steady_clock::now() - confirmed_;
  if (!value_ || age > absl::ToChronoNanoseconds(polling_.keep)) return std::nullopt;
  return value_;
}

absl::Status PostgresMaxConnections::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

}  // namespace chatscale
