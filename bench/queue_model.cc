#include "bench/queue_model.h"

#include <algorithm>
#include <cmath>

namespace chatscale {
namespace {

// Generative tasks of a comparable kind: p50 22 s, p90 47 s.
constexpr double kExecMedian = 22;
constexpr double kExecSigma = 0.592;
constexpr double kMinute = 60;

}  // namespace

double QuantileOf(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  const auto index =
      std::min(values.size() - 1, static_cast<std::size_t>(p * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index),
                   values.end());
  return values[index];
}

QueueModel::QueueModel(std::uint64_t seed, int replicas) : dice_(seed), ready_(replicas) {}

int QueueModel::Poisson(double mean) {
  int count = 0;
  for (double sum = dice_.Exponential(1); sum < mean; sum += dice_.Exponential(1)) ++count;
  return count;
}

void QueueModel::Step(double mean) {
  now_ += 1;
  while (!starting_.empty() && starting_.front() <= now_) {
    starting_.pop_front();
    ++ready_;
  }
  while (!running_.empty() && running_.top().first <= now_) {
    const auto [end, start] = running_.top();
    running_.pop();
    --busy_;
    ended_.push_back({end, 0, end - start});
  }
  const int arrivals = Poisson(mean);
  for (int i = 0; i < arrivals; ++i) {
    ++figures_.tasks;
    if (Work() >= 0.98 * ready_ * kTasksPerReplica) {
      ++figures_.refused;
    } else {
      waiting_.push_back(now_ - dice_.Uniform());
    }
  }
  while (!waiting_.empty() && busy_ < ready_ * kSlots) {
    const double wait = std::max(0.0, now_ - waiting_.front() - 1);
    waiting_.pop_front();
    if (wait > kLongWaitSeconds) ++figures_.long_waits;
    running_.emplace(now_ + dice_.LogNormal(kExecMedian, kExecSigma), now_);
    ++busy_;
    ended_.push_back({now_, wait, -1});
  }
  figures_.replica_seconds += replicas();
  Forget();
}

void QueueModel::Forget() {
  while (!ended_.empty() && ended_.front().at < now_ - kMinute) ended_.pop_front();
}

void QueueModel::SetReplicas(int replicas_wanted) {
  while (replicas() < replicas_wanted) starting_.push_back(now_ + kStartUpSeconds);
  while (replicas() > replicas_wanted && !starting_.empty()) starting_.pop_back();
  ready_ =
      std::min(ready_, std::max(replicas_wanted, 0));  // their tasks end first: busy_ may exceed
}

recommender::Signals QueueModel::Observe() {
  std::vector<double> waits, execs;
  for (const Ended& ended : ended_) {
    if (ended.exec < 0) waits.push_back(ended.wait);
    if (ended.exec >= 0) execs.push_back(ended.exec);
  }
  const double wait_p95 = QuantileOf(waits, 0.95);
  if (wait_p95 > kLongWaitSeconds) figures_.long_wait_seconds += 15;
  recommender::Signals signals;
  signals.now = absl::FromUnixSeconds(1'700'000'000 + static_cast<std::int64_t>(now_));
  recommender::ProcSignals& proc = signals.proc;
  proc.sampled_at = signals.now;
  proc.current_replicas = ready_;
  proc.queue_total = Work();
  proc.waiting = static_cast<double>(waiting_.size());
  proc.busy_slots = busy_;
  proc.queue_capacity = ready_ * kTasksPerReplica;
  proc.wait_samples = static_cast<double>(waits.size());
  if (!waits.empty()) proc.wait_p95_seconds = wait_p95;
  proc.oldest_waiting_seconds = waiting_.empty() ? 0 : now_ - waiting_.front();
  proc.exec_samples = proc.completed = static_cast<double>(execs.size());
  if (!execs.empty()) {
    proc.exec_p50_seconds = QuantileOf(execs, 0.5);
    proc.exec_p95_seconds = QuantileOf(execs, 0.95);
  }
  proc.slots_per_replica = kSlots;
  return signals;
}

}  // namespace chatscale
