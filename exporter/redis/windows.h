// Means over time of a quantity that is looked at now and then. Pure.
//
// A sample stands until the next one, at most five minutes; stretches without a value weigh
// nothing. So the mean does not depend on how often, or by how many, it was looked at (defect D4).
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/latencies.h"
#include "exporter/redis/target_state.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

class WeightedWindows {
 public:
  // What somebody else recorded before our first sample; ascending by time.
  void Seed(const std::vector<Sample>& ascending);
  // A sample that is not later than the last one is left out. Times in Unix seconds.
  void Add(double now, double value);
  // Means of the windows that end at `now`, and the maximum of the hour. A lone sample is its own
  // mean.
  WindowMeans At(double now) const;

  bool empty() const { return samples_.empty(); }

 private:
  std::deque<Sample> samples_;
};

// Our own windows of streams, queue and pools, sampled once per cycle. At the start they are filled
// from what the upstream's pollers recorded, so that a restart does not blind anybody.

class WindowReader {
 public:
  explicit WindowReader(const KeySpace& keys);

  // Nothing to ask once the records were read.
  void AskRecords(double now, Pipeline& pipeline);
  void TakeRecords(ReplyStream& replies, ReplyFaults& faults);

  // Adds the values of `state` as one sample and fills in `state.windows`.
  void Sample(TargetState& state);

 private:
  struct Recorded {
    std::string key;
    double most;  // of a value
    WeightedWindows windows;
  };
  void SamplePools(Service service, TargetState& state);

  // sse, depth, pressure, then {in_use, utilization} of each pool of ingress and of proc.
  std::vector<Recorded> recorded_;
  bool seeded_ = false;
  bool asked_ = false;
  double asked_at_ = 0;  // Unix seconds
};

}  // namespace chatscale::redis
