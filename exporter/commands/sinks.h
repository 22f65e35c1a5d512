// The configured sinks, each on a thread of its own. Thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "exporter/config/config.h"
#include "exporter/core/view.h"
#include "exporter/exposition/publication.h"
#include "exporter/sinks/sink_thread.h"

namespace chatscale {

class Sinks {
 public:
  explicit Sinks(const Config& config);

  void Offer(const Publication& publication);
  std::vector<SinkStats> Stats() const;
  // All are told at once; false when one takes longer than `grace`.
  bool Stop(absl::Duration grace);

 private:
  std::vector<std::unique_ptr<SinkThread>> threads_;
};

}  // namespace chatscale
