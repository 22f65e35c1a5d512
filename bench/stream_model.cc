#include "bench/stream_model.h"

#include <algorithm>

namespace chatscale {

StreamModel::StreamModel(std::uint64_t seed, int replicas, double start_up_seconds)
    : start_up_seconds_(start_up_seconds),
      dice_(seed),
      open_(static_cast<std::size_t>(std::max(1, replicas))) {}

void StreamModel::Step(double mean) {
  now_ += 1;
  while (!starting_.empty() && starting_.front() <= now_) {
    starting_.pop_front();
    open_.emplace_back();
  }
  for (Ends& replica : open_) {
    for (; !replica.empty() && replica.top() <= now_; replica.pop()) --streams_;
  }
  for (double sum = dice_.Exponential(1); sum < mean; sum += dice_.Exponential(1)) {
    ++figures_.streams;
    if (!Open(now_ + dice_.Exponential(kStreamSeconds))) ++figures_.refused;
  }
  figures_.replica_seconds += replicas();
}

bool StreamModel::Open(double end) {
  const auto emptiest = std::ranges::min_element(open_, {}, &Ends::size);
  if (emptiest->size() >= kStreamsPerReplica) return false;
  emptiest->push(end);
  ++streams_;
  return true;
}

void StreamModel::SetReplicas(int wanted) {
  wanted = std::max(1, wanted);
  while (replicas() < wanted) starting_.push_back(now_ + start_up_seconds_);
  while (replicas() > wanted && !starting_.empty()) starting_.pop_back();
  while (ready() > wanted) Cut();
}

// Kubernetes takes the youngest pods first.
void StreamModel::Cut() {
  Ends ends = std::move(open_.back());
  open_.pop_back();
  streams_ -= static_cast<double>(ends.size());
  figures_.cut += ends.size();
  for (; !ends.empty(); ends.pop()) {
    if (!Open(ends.top())) ++figures_.refused;
  }
}

void StreamModel::Observe(absl::Time now, recommender::IngressSignals& signals) const {
  signals.sampled_at = now;
  signals.current_replicas = ready();
  signals.streams = streams_;
  signals.stream_capacity = kStreamsPerReplica * ready();
  signals.rest_requests = 0;
}

}  // namespace chatscale
