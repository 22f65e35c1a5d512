#include "bench/queue_model.h"

#include <algorithm>
#include <cmath>

namespace chatscale {
namespace {

constexpr double kMinute = 60;

}  // namespace

double MeanExecSeconds(const QueueSettings& settings) {
  return settings.exec_median * std::exp(settings.exec_sigma * settings.exec_sigma / 2);
}

double QuantileOf(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  const auto index =
      std::min(values.size() - 1, static_cast<std::size_t>(p * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index),
                   values.end());
  return values[index];
}

QueueModel::QueueModel(std::uint64_t seed, int replicas, const QueueSettings& settings)
    : settings_(settings), dice_(seed), ready_(replicas) {}

int QueueModel::Arrivals(double mean) {
  const double batches = mean / settings_.batch;
  int count = 0;
  for (double sum = dice_.Exponential(1); sum < batches; sum += dice_.Exponential(1)) {
    ++count;
    while (dice_.Uniform() < 1 - 1 / settings_.batch) ++count;
  }
  return count;
}

double QueueModel::ServiceTime() {
  if (settings_.exec_sigma == 0) return dice_.Exponential(settings_.exec_median);
  return dice_.LogNormal(settings_.exec_median, settings_.exec_sigma);
}

void QueueModel::Step(double mean) {
  const double second = now_;
  now_ += 1;
  while (!starting_.empty() && starting_.front() <= second) {
    starting_.pop_front();
    ++ready_;
  }
  TakeWaiting(second);
  std::vector<double> arrivals(static_cast<std::size_t>(Arrivals(mean)));
  for (double& at : arrivals) at = second + dice_.Uniform();
  std::ranges::sort(arrivals);
  for (const double at : arrivals) {
    EndUntil(at);
    ++figures_.tasks;
    if (Work() >= 0.98 * ready_ * settings_.tasks_per_replica) {
      ++figures_.refused;
      refused_.push_back(at);
    } else {
      waiting_.push_back(at);
      TakeWaiting(at);
    }
  }
  EndUntil(now_);
  figures_.replica_seconds += replicas();
  Forget();
}

// Tasks end one after the other, and each makes room for the next.
void QueueModel::EndUntil(double at) {
  while (!running_.empty() && running_.top().first <= at) {
    const auto [end, start] = running_.top();
    running_.pop();
    --busy_;
    ended_.push_back({end, 0, end - start});
    TakeWaiting(end);
  }
}

void QueueModel::TakeWaiting(double at) {
  while (!waiting_.empty() && busy_ < ready_ * kSlots) {
    const double wait = at - waiting_.front();
    waiting_.pop_front();
    if (wait > kLongWaitSeconds) ++figures_.long_waits;
    running_.emplace(at + ServiceTime(), at);
    ++busy_;
    ended_.push_back({at, wait, -1});
  }
}

void QueueModel::Forget() {
  while (!ended_.empty() && ended_.front().at < now_ - kMinute) ended_.pop_front();
  while (!refused_.empty() && refused_.front() < now_ - kMinute) refused_.pop_front();
}

void QueueModel::SetReplicas(int replicas_wanted) {
  while (replicas() < replicas_wanted) starting_.push_back(now_ + settings_.start_up_seconds);
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
  proc.queue_capacity = ready_ * settings_.tasks_per_replica;
  proc.wait_samples = static_cast<double>(waits.size());
  if (!waits.empty()) proc.wait_p95_seconds = wait_p95;
  proc.oldest_waiting_seconds = waiting_.empty() ? 0 : now_ - waiting_.front();
  proc.exec_samples = proc.completed = static_cast<double>(execs.size());
  if (!execs.empty()) {
    proc.exec_p50_seconds = QuantileOf(execs, 0.5);
    proc.exec_p95_seconds = QuantileOf(execs, 0.95);
  }
  proc.refused = static_cast<double>(refused_.size());
  proc.slots_per_replica = kSlots;
  return signals;
}

}  // namespace chatscale
