#include "bench/trace_model.h"

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

TraceModel::TraceModel(std::uint64_t seed, recommender::PerService<int> replicas,
                       const QueueSettings& settings)
    : settings_(settings),
      tasks_dice_(seed),
      streams_dice_(seed + 1),
      model_({.streams_per_replica = kStreamsPerReplica,
              .slots_per_replica = kSlots,
              .started =
                  [this](const ModelTask& task) {
                    const double wait = task.started - task.created;
                    if (wait > kLongWaitSeconds) ++figures_.long_waits;
                    waits_.push_back({task.started, wait});
                  },
              .ended =
                  [this](const ModelTask& task) {
                    execs_.push_back({task.started + task.seconds, task.seconds});
                  }},
             0) {
  for (const Service service : kServices) {
    model_.SetDesired(service, std::max(1, replicas[service]), 0, 0);
  }
}

int TraceModel::Arrivals(double mean) {
  int count = tasks_dice_.Poisson(mean / settings_.batch);
  for (int batches = count; batches > 0; --batches) {
    while (tasks_dice_.Uniform() < 1 - 1 / settings_.batch) ++count;
  }
  return count;
}

double TraceModel::ServiceTime() {
  if (settings_.exec_sigma == 0) return tasks_dice_.Exponential(settings_.exec_median);
  return tasks_dice_.LogNormal(settings_.exec_median, settings_.exec_sigma);
}

void TraceModel::Submit() {
  ++figures_.tasks;
  if (tasks() >= 0.98 * ready(Service::kProc) * settings_.tasks_per_replica) {
    ++figures_.refused_tasks;
    refused_.push_back(model_.now());
  } else {
    model_.Submit({.seconds = ServiceTime()});
  }
}

void TraceModel::Step(double tasks, double streams) {
  const double second = model_.now();
  std::vector<double> arrivals(static_cast<std::size_t>(Arrivals(tasks)));
  for (double& at : arrivals) at = second + tasks_dice_.Uniform();
  std::ranges::sort(arrivals);
  for (const double at : arrivals) {
    model_.AdvanceTo(at);
    Submit();
  }
  model_.AdvanceTo(second + 1);
  for (int opening = streams_dice_.Poisson(streams); opening > 0; --opening) {
    ++figures_.streams;
    if (!model_.OpenStream(streams_dice_.Exponential(kStreamSeconds))) ++figures_.refused_streams;
  }
  for (const Service service : kServices) figures_.replica_seconds[service] += replicas(service);
  Forget();
}

void TraceModel::Forget() {
  const double from = model_.now() - kMinute;
  while (!waits_.empty() && waits_.front().at < from) waits_.pop_front();
  while (!execs_.empty() && execs_.front().at < from) execs_.pop_front();
  while (!refused_.empty() && refused_.front() < from) refused_.pop_front();
}

void TraceModel::SetReplicas(Service service, int replicas) {
  model_.SetDesired(service, std::max(service == Service::kIngress ? 1 : 0, replicas),
                    settings_.start_up_seconds, service == Service::kIngress ? 0 : kNever);
}

double TraceModel::tasks() const {
  return static_cast<double>(model_.waiting().size()) + model_.fleet(Service::kProc).Load();
}

TraceFigures TraceModel::figures() const {
  TraceFigures figures = figures_;
  figures.cut_streams = model_.streams_cut();
  figures.refused_streams += model_.streams_lost();
  return figures;
}

recommender::Signals TraceModel::Observe() {
  std::vector<double> waits, execs;
  for (const Ended& ended : waits_) waits.push_back(ended.seconds);
  for (const Ended& ended : execs_) execs.push_back(ended.seconds);
  const double wait_p95 = QuantileOf(waits, 0.95);
  if (wait_p95 > kLongWaitSeconds) figures_.long_wait_seconds += 15;
  recommender::Signals signals;
  signals.now = absl::FromUnixSeconds(1'700'000'000 + std::lround(model_.now()));
  recommender::ProcSignals& proc = signals.proc;
  proc.sampled_at = signals.now;
  proc.current_replicas = ready(Service::kProc);
  proc.queue_total = tasks();
  proc.waiting = static_cast<double>(model_.waiting().size());
  proc.busy_slots = model_.fleet(Service::kProc).Load();
  proc.queue_capacity = ready(Service::kProc) * settings_.tasks_per_replica;
  proc.wait_samples = static_cast<double>(waits.size());
  if (!waits.empty()) proc.wait_p95_seconds = wait_p95;
  proc.oldest_waiting_seconds =
      model_.waiting().empty() ? 0 : model_.now() - model_.waiting().front().created;
  proc.exec_samples = proc.completed = static_cast<double>(execs.size());
  if (!execs.empty()) {
    proc.exec_p50_seconds = QuantileOf(execs, 0.5);
    proc.exec_p95_seconds = QuantileOf(execs, 0.95);
  }
  proc.refused = static_cast<double>(refused_.size());
  proc.slots_per_replica = kSlots;
  recommender::IngressSignals& ingress = signals.ingress;
  ingress.sampled_at = signals.now;
  ingress.current_replicas = ready(Service::kIngress);
  ingress.streams = streams();
  ingress.stream_capacity = kStreamsPerReplica * ready(Service::kIngress);
  ingress.rest_samples = 0;
  return signals;
}

}  // namespace chatscale
