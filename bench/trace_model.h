// TraceModel: a ChatModel that is given a trace, second by second, and what an exporter and a judge
// see of it.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "exporter/sources/chat_model.h"
#include "recommender/signals.h"

namespace chatscale {

inline constexpr int kSlots = 8;             // of one replica
inline constexpr int kTasksPerReplica = 31;  // admitted, waiting and running
inline constexpr double kLongWaitSeconds = 3;
inline constexpr int kStreamsPerReplica = 100;
inline constexpr double kStreamSeconds = 300;  // mean; exponential

struct QueueSettings {
  double start_up_seconds = 90;  // of both services
  // Tasks come in batches of this many on average (geometric), batches as a Poisson process: the
  // index of dispersion of counts is 2 x batch - 1.
  double batch = 1;
  // Lognormal service times of generative tasks of a comparable kind: p50 22 s, p90 47 s. Sigma 0:
  // exponential with the mean, for which there are formulas to check the model against.
  double exec_median = 22;
  double exec_sigma = 0.592;
  int tasks_per_replica = kTasksPerReplica;
};

double MeanExecSeconds(const QueueSettings& settings);

struct TraceFigures {
  std::uint64_t tasks = 0, refused_tasks = 0, long_waits = 0;
  double long_wait_seconds = 0;  // time in which the p95 of the last minute was above the limit
  std::uint64_t streams = 0;     // without those that open again
  std::uint64_t refused_streams = 0, cut_streams = 0;
  recommender::PerService<double> replica_seconds;  // of starting and ready replicas
};

class TraceModel {
 public:
  TraceModel(std::uint64_t seed, recommender::PerService<int> replicas,
             const QueueSettings& settings = {});

  // One second in which so many tasks and streams start on average.
  void Step(double tasks, double streams);
  // Tasks end before their replica goes; its streams open elsewhere at once.
  void SetReplicas(Service service, int replicas);

  int replicas(Service service) const { return model_.fleet(service).Staying(); }
  int ready(Service service) const { return model_.fleet(service).Ready(model_.now()); }
  double tasks() const;  // waiting and running
  double streams() const { return model_.fleet(Service::kIngress).Load(); }
  recommender::Signals Observe();  // as an exporter would at this instant
  TraceFigures figures() const;

 private:
  struct Ended {
    double at, seconds;
  };

  int Arrivals(double mean);
  double ServiceTime();
  void Submit();
  void Forget();

  const QueueSettings settings_;
  Dice tasks_dice_, streams_dice_;
  ChatModel model_;
  std::deque<Ended> waits_, execs_;  // of the last minute
  std::deque<double> refused_;       // the same
  TraceFigures figures_;
};

// The p-quantile; 0 without values.
double QuantileOf(std::vector<double> values, double p);

}  // namespace chatscale
