// Sliding windows: time-weighted means of sampled quantities.
//
// A sample holds until the next one, at most five minutes; gaps without a value have no weight. So
// the mean does not depend on how often, or by how many pollers, it was sampled (D4). Pure.
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
  // Samples that the upstream recorded before our first one; ascending by time.
  void Seed(const std::vector<Sample>& ascending);
  // A sample that is not later than the last one is dropped. Times in Unix seconds.
  void Add(double now, double value);
  // Means of the windows ending at `now`, and the hour's maximum. One sample is its own mean.
  WindowMeans At(double now) const;

  bool empty() const { return samples_.empty(); }

 private:
  std::deque<Sample> samples_;
};

// Our own windows of streams, queue and pools, sampled once per collection cycle. At the start they
// are backfilled from what the upstream's pollers recorded, so that no window is lost in a restart.
class WindowReader {
 public:
  explicit WindowReader(const KeySpace& keys);

  // Adds no commands once the records were read.
  void AddRecordCommands(double now, Pipeline& pipeline);
  void ParseRecordReplies(ReplyStream& replies, ReplyFaults& faults);

  // Adds the values of `state` as one sample and fills in `state.windows`.
  void Fill(TargetState& state);

 private:
  struct Recorded {
    std::string key;
    double most;  // upper bound of a value
    WeightedWindows windows;
  };
  void SamplePools(Service service, TargetState& state);

  // sse, depth, pressure, then {in_use, utilization} of each pool of ingress and of proc.
  std::vector<Recorded> recorded_;
  bool seeded_ = false;
  bool requested_ = false;
  double asked_at_ = 0;  // Unix seconds
};

}  // namespace chatscale::redis
