#include "bench/closed_loop.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recommender/recommend.h"

namespace chatscale {
namespace {

using recommender::PerService;

// What a trace of mean 1 is scaled to: tasks that run and streams that are open.
constexpr double kMeanTasks = 60, kMeanStreams = 600;

class Separate : public Autoscaler {
 public:
  explicit Separate(MakeServiceAutoscaler make) : ingress_(make()), proc_(make()) {}

  PerService<int> Want(double seconds, TraceModel& model) override {
    const auto want = [&](ServiceAutoscaler& of, Service service, double demand, double slots) {
      return of.Want({seconds, demand, slots, model.replicas(service), model.ready(service)});
    };
    return {want(*ingress_, Service::kIngress, model.streams(), kStreamsPerReplica),
            want(*proc_, Service::kProc, model.tasks(), kSlots)};
  }

 private:
  std::unique_ptr<ServiceAutoscaler> ingress_, proc_;
};

class Ours : public Autoscaler {
 public:
  Ours(const recommender::Policy& policy, Tweak tweak)
      : policy_(policy), tweak_(std::move(tweak)) {}

  PerService<int> Want(double seconds, TraceModel& model) override {
    constexpr double kTick = 15;
    const PerService<int> now = {model.replicas(Service::kIngress), model.replicas(Service::kProc)};
    if (std::fmod(seconds, kTick) != 0) return now;
    recommender::Signals signals = model.Observe();
    if (tweak_) tweak_(signals, state_);
    const auto recommendations = recommender::RecommendInPlace(policy_, signals, state_);
    return {recommendations.ingress.desired.value_or(now.ingress),
            recommendations.proc.desired.value_or(now.proc)};
  }

 private:
  recommender::Policy policy_;
  Tweak tweak_;
  recommender::State state_;
};

int Enough(double demand, double per_replica, double utilization) {
  return std::max(1, static_cast<int>(std::ceil(demand / per_replica / utilization)));
}

std::vector<double> Times(double factor, std::vector<double> values) {
  for (double& value : values) value *= factor;
  return values;
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

// Values of bins, with means over the time before one.
class Means {
 public:
  Means(const std::vector<double>& values, double bin) : bin_(bin) {
    for (const double value : values) sums_.push_back(sums_.back() + value);
  }

  // Of so many seconds that end before bin `end`; 0 where there is none.
  double Before(std::size_t end, double seconds) const {
    const std::size_t from = end - std::min(end, Bins(seconds));
    return (sums_[end] - sums_[from]) / static_cast<double>(std::max<std::size_t>(1, end - from));
  }
  std::size_t Bins(double seconds) const {
    return static_cast<std::size_t>(std::max(1.0, seconds / bin_));
  }

 private:
  double bin_;
  std::vector<double> sums_ = {0};
};

// Replicas for `demand`, `headroom` times, as measured over a minute; kept for ten.
std::vector<int> Known(const std::vector<double>& demand, double bin, double per_replica,
                       double headroom) {
  const Means means(demand, bin);
  std::vector<int> replicas, now;
  for (std::size_t i = 0; i < demand.size(); ++i) {
    now.push_back(Enough(means.Before(i + 1, 60), per_replica, 1 / headroom));
    const std::size_t kept = std::min(now.size(), means.Bins(600));
    replicas.push_back(*std::max_element(now.end() - static_cast<std::ptrdiff_t>(kept), now.end()));
  }
  return replicas;
}

class Knowing : public Autoscaler {
 public:
  Knowing(const Trace& trace, double headroom)
      : ingress_(Known(ExpectedStreams(trace), trace.bin, kStreamsPerReplica, headroom)),
        proc_(Known(Times(kMeanTasks, trace.rates), trace.bin, kSlots, headroom)),
        bin_(trace.bin) {}

  PerService<int> Want(double seconds, TraceModel&) override {
    const auto bin = std::min(proc_.size() - 1, static_cast<std::size_t>(seconds / bin_));
    return {ingress_[bin], proc_[bin]};
  }

 private:
  std::vector<int> ingress_, proc_;
  double bin_;
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

}  // namespace

std::unique_ptr<Autoscaler> OnePerService(MakeServiceAutoscaler make) {
  return std::make_unique<Separate>(make);
}

std::unique_ptr<Autoscaler> Recommender(const recommender::Policy& policy, Tweak tweak) {
  return std::make_unique<Ours>(policy, std::move(tweak));
}

std::unique_ptr<Autoscaler> Oracle(const Trace& trace, double headroom) {
  return std::make_unique<Knowing>(trace, headroom);
}

std::vector<bool> FlashCrowds(const Trace& trace) {
  const Means means(trace.rates, trace.bin);
  std::vector<bool> flash(trace.rates.size());
  std::size_t last = trace.rates.size();
  for (std::size_t i = 0; i < trace.rates.size(); ++i) {
    if (i > 0 && means.Before(i + 1, 60) > 2 * means.Before(i, 3600)) last = i;
    flash[i] = last <= i && i - last < means.Bins(300);
  }
  return flash;
}

LoopResult Play(const Trace& trace, Autoscaler& autoscaler, const LoopSettings& settings) {
  const double exec = MeanExecSeconds(settings.queue);
  const double first = trace.rates.front();
  TraceModel model(settings.seed,
                   {Enough(kMeanStreams * first, kStreamsPerReplica, kUtilization),
                    Enough(kMeanTasks * first, kSlots, kUtilization)},
                   settings.queue);
  PerService<Changes> changes;
  const std::vector<bool> flash = FlashCrowds(trace);
  const auto bad_now = [&] {
    const TraceFigures figures = model.figures();
    return PerService<double>{static_cast<double>(figures.refused_streams),
                              static_cast<double>(figures.refused_tasks + figures.long_waits)};
  };
  PerService<double> in_flash{};
  double seconds = 0;
  for (std::size_t bin = 0; bin < trace.rates.size(); ++bin) {
    const double rate = trace.rates[bin];
    const PerService<double> before = bad_now();
    for (double s = 0; s < trace.bin; ++s, ++seconds) {
      model.Step(rate * kMeanTasks / exec, rate * kMeanStreams / kStreamSeconds);
      const PerService<int> want = autoscaler.Want(seconds, model);
      for (const Service service : kServices) {
        const int now = model.replicas(service);
        changes[service].Note(now, want[service]);
        if (want[service] != now) model.SetReplicas(service, want[service]);
      }
    }
    if (!flash[bin]) continue;
    for (const Service service : kServices) {
      in_flash[service] += bad_now()[service] - before[service];
    }
  }
  const TraceFigures figures = model.figures();
  const PerService<double> all = {static_cast<double>(std::max<std::uint64_t>(figures.streams, 1)),
                                  static_cast<double>(std::max<std::uint64_t>(figures.tasks, 1))};
  const PerService<double> clairvoyant = {
      ClairvoyantReplicaSeconds(ExpectedStreams(trace), trace.bin, kStreamsPerReplica),
      ClairvoyantReplicaSeconds(Times(kMeanTasks, trace.rates), trace.bin, kSlots)};
  LoopResult result;
  for (const Service service : kServices) {
    result[service].bad = bad_now()[service] / all[service];
    result[service].flash = in_flash[service] / all[service];
    result[service].cost = figures.replica_seconds[service] / clairvoyant[service];
    result[service].changes = changes[service].changes / (trace.seconds() / 86'400);
    result[service].reversals = changes[service].reversals / (trace.seconds() / 86'400);
  }
  result.proc.refused = static_cast<double>(figures.refused_tasks) / all.proc;
  result.ingress.refused = result.ingress.bad;
  result.ingress.cut = static_cast<double>(figures.cut_streams) / all.ingress;
  return result;
}

}  // namespace chatscale
