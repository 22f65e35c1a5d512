// Means over time of a quantity that is looked at now and then. Pure.
//
// A sample stands until the next one, at most five minutes; stretches without a value weigh
// nothing. So the mean does not depend on how often, or by how many, it was looked at (defect D4).
#pragma once

#include <deque>
#include <vector>

#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/history/sample_store.h"

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

}  // namespace chatscale::redis
