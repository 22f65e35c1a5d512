#include "bench/closed_loop.h"

#include <algorithm>
#include <cmath>

#include "recommender/recommend.h"

namespace chatscale {
namespace {

using recommender::PerService;

// What a trace of mean 1 is scaled to: tasks that run and streams that are open.
constexpr double kMeanTasks = 60, kMeanStreams = 600;

class Separate : public Autoscaler {
 public:
  explicit Separate(MakeServiceAutoscaler make) : ingress_(make()), proc_(make()) {}

  PerService<int> Want(double seconds, QueueModel& proc, const StreamModel& ingress) override {
    return {ingress_->Want({seconds, ingress.streams(), kStreamsPerReplica, ingress.replicas(),
                            ingress.ready()}),
            proc_->Want({seconds, proc.Work(), kSlots, proc.replicas(), proc.ready()})};
  }

 private:
  std::unique_ptr<ServiceAutoscaler> ingress_, proc_;
};

class Ours : public Autoscaler {
 public:
  explicit Ours(const recommender::Policy& policy) : policy_(policy) {}

  PerService<int> Want(double seconds, QueueModel& proc, const StreamModel& ingress) override {
    constexpr double kTick = 15;
    if (std::fmod(seconds, kTick) != 0) return {ingress.replicas(), proc.replicas()};
    recommender::Signals signals = proc.Observe();
    ingress.Observe(signals.now, signals.ingress);
    recommender::Step step = recommender::Recommend(policy_, std::move(state_), signals);
    state_ = std::move(step.state);
    return {step.recommendations.ingress.desired.value_or(ingress.replicas()),
            step.recommendations.proc.desired.value_or(proc.replicas())};
  }

 private:
  recommender::Policy policy_;
  recommender::State state_;
};

// Changes of one service's replicas.
struct Changes {
  int changes = 0, reversals = 0, direction = 0;

  void Note(int before, int now) {
    if (before == now) return;
    const int next = now > before ? 1 : -1;
    ++changes;
    reversals += next == -direction;
    direction = next;
  }
};

int Enough(double demand, double per_replica) {
  return std::max(1, static_cast<int>(std::ceil(demand / per_replica / kUtilization)));
}

// Expected open streams, a value a bin: each lasts kStreamSeconds on average.
std::vector<double> ExpectedStreams(const Trace& trace) {
  std::vector<double> streams;
  double open = kMeanStreams * trace.rates.front();
  const double keep = std::exp(-trace.bin / kStreamSeconds);
  for (const double rate : trace.rates) {
    open = keep * open + (1 - keep) * kMeanStreams * rate;
    streams.push_back(open);
  }
  return streams;
}

}  // namespace

std::unique_ptr<Autoscaler> OnePerService(MakeServiceAutoscaler make) {
  return std::make_unique<Separate>(make);
}

std::unique_ptr<Autoscaler> Recommender(const recommender::Policy& policy) {
  return std::make_unique<Ours>(policy);
}

LoopResult Play(const Trace& trace, Autoscaler& autoscaler, const LoopSettings& settings) {
  const double exec = MeanExecSeconds(settings.queue);
  QueueModel proc(settings.seed, Enough(kMeanTasks * trace.rates.front(), kSlots), settings.queue);
  StreamModel ingress(settings.seed + 1,
                      Enough(kMeanStreams * trace.rates.front(), kStreamsPerReplica),
                      settings.queue.start_up_seconds);
  PerService<Changes> changes;
  double seconds = 0;
  for (const double rate : trace.rates) {
    for (double s = 0; s < trace.bin; ++s, ++seconds) {
      proc.Step(rate * kMeanTasks / exec);
      ingress.Step(rate * kMeanStreams / kStreamSeconds);
      const PerService<int> want = autoscaler.Want(seconds, proc, ingress);
      changes.proc.Note(proc.replicas(), want.proc);
      changes.ingress.Note(ingress.replicas(), want.ingress);
      if (want.proc != proc.replicas()) proc.SetReplicas(want.proc);
      if (want.ingress != ingress.replicas()) ingress.SetReplicas(want.ingress);
    }
  }
  std::vector<double> tasks = trace.rates;
  for (double& value : tasks) value *= kMeanTasks;
  const QueueFigures& q = proc.figures();
  const StreamFigures& s = ingress.figures();
  const auto all_tasks = static_cast<double>(std::max<std::uint64_t>(q.tasks, 1));
  const auto all_streams = static_cast<double>(std::max<std::uint64_t>(s.streams, 1));
  const double days = trace.seconds() / 86'400;
  LoopResult result;
  result.proc.bad = static_cast<double>(q.refused + q.long_waits) / all_tasks;
  result.proc.refused = static_cast<double>(q.refused) / all_tasks;
  result.proc.cost = q.replica_seconds / ClairvoyantReplicaSeconds(tasks, trace.bin, kSlots);
  result.ingress.bad = result.ingress.refused = static_cast<double>(s.refused) / all_streams;
  result.ingress.cost =
      s.replica_seconds /
      ClairvoyantReplicaSeconds(ExpectedStreams(trace), trace.bin, kStreamsPerReplica);
  result.ingress.cut = static_cast<double>(s.cut) / all_streams;
  for (const recommender::Service service : recommender::kServices) {
    result[service].changes = changes[service].changes / days;
    result[service].reversals = changes[service].reversals / days;
  }
  return result;
}

}  // namespace chatscale
