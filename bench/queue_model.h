// A small queue model of the processor, second by second: tasks arrive, wait in order, run on slots
// of replicas that need time to start and finish their tasks before they stop.
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <utility>
#include <vector>

#include "exporter/sources/demo_fleet.h"
#include "recommender/signals.h"

namespace chatscale {

inline constexpr int kSlots = 8;             // of one replica
inline constexpr int kTasksPerReplica = 31;  // admitted, waiting and running
inline constexpr double kLongWaitSeconds = 3;

struct QueueFigures {
  std::uint64_t tasks = 0, refused = 0, long_waits = 0;
  double replica_seconds = 0;
  double long_wait_seconds = 0;  // time in which the p95 of the last minute was above the limit
};

struct QueueSettings {
  double start_up_seconds = 90;
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

class QueueModel {
 public:
  QueueModel(std::uint64_t seed, int replicas, const QueueSettings& settings = {});

  // One second in which `mean` tasks arrive on average.
  void Step(double mean);

  // From now on; those that start count at once for cost, after the start-up time for work.
  void SetReplicas(int replicas);
  int replicas() const { return static_cast<int>(starting_.size()) + ready_; }

  // What an exporter would see at this instant.
  recommender::Signals Observe();
  int ready() const { return ready_; }
  double Work() const { return static_cast<double>(waiting_.size()) + busy_; }  // tasks

  const QueueFigures& figures() const { return figures_; }

 private:
  struct Ended {
    double at, wait, exec;
  };

  int Arrivals(double mean);
  double ServiceTime();
  void EndUntil(double at);
  void TakeWaiting(double at);
  void Forget();

  QueueSettings settings_;
  Dice dice_;
  double now_ = 0;
  int ready_;
  std::deque<double> starting_;  // when they will be ready
  std::deque<double> waiting_;   // when they came
  int busy_ = 0;
  std::priority_queue<std::pair<double, double>, std::vector<std::pair<double, double>>,
                      std::greater<>>
      running_;                 // {end, start}
  std::deque<Ended> ended_;     // of the last minute
  std::deque<double> refused_;  // the same
  QueueFigures figures_;
};

// The p-quantile; 0 without values.
double QuantileOf(std::vector<double> values, double p);

}  // namespace chatscale
