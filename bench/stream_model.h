// A small model of the ingress, second by second: streams open on the emptiest replica, stay there
// for as long as they last, and are cut when it goes; a stream that was cut opens again at once.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "exporter/sources/demo_fleet.h"
#include "recommender/signals.h"

namespace chatscale {

inline constexpr int kStreamsPerReplica = 100;
inline constexpr double kStreamSeconds = 300;  // mean; exponential

struct StreamFigures {
  std::uint64_t streams = 0;  // wanted to open, those that were cut not again
  std::uint64_t refused = 0, cut = 0;
  double replica_seconds = 0;
};

class StreamModel {
 public:
  StreamModel(std::uint64_t seed, int replicas, double start_up_seconds = 90);

  // One second in which `mean` streams open on average (Poisson).
  void Step(double mean);

  // From now on; those that start count at once for cost, after the start-up time for work.
  void SetReplicas(int replicas);
  int replicas() const { return static_cast<int>(starting_.size()) + ready(); }
  int ready() const { return static_cast<int>(open_.size()); }
  double streams() const { return streams_; }

  void Observe(absl::Time now, recommender::IngressSignals& signals) const;

  const StreamFigures& figures() const { return figures_; }

 private:
  using Ends = std::priority_queue<double, std::vector<double>, std::greater<>>;

  bool Open(double end);
  void Cut();

  double start_up_seconds_;
  Dice dice_;
  double now_ = 0;
  double streams_ = 0;
  std::vector<Ends> open_;       // of each ready replica: when its streams end
  std::deque<double> starting_;  // when they will be ready
  StreamFigures figures_;
};

}  // namespace chatscale
