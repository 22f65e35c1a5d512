// Our own windows of streams, queue and pools, sampled once per cycle. At the start they are filled
// from what the upstream's pollers recorded, so that a restart does not blind anybody.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "exporter/sources/redis/history/weighted_windows.h"
#include "exporter/sources/redis/state/keys.h"
#include "exporter/sources/redis/state/target_state.h"
#include "exporter/sources/redis/wire/pipeline.h"
#include "exporter/sources/redis/wire/reply_stream.h"

namespace chatscale::redis {

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
