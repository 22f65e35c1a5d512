// Sinks: the configured sinks, each on its own thread. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "exporter/app/config.h"
#include "exporter/metrics/exposition.h"
#include "exporter/model/view.h"
#include "exporter/sinks/cloudwatch_sink.h"
#include "exporter/sinks/otlp_sink.h"
#include "exporter/sinks/sink_thread.h"
#include "exporter/sinks/text_sinks.h"

namespace chatscale {

CloudWatchOptions CloudWatchOf(const Config& config);

class Sinks {
 public:
  Sinks(const Config& config, const std::shared_ptr<SelfMetrics>& self);

  bool any() const { return !threads_.empty(); }
  // Whether a sink exports on schedule or on Export, not after every cycle.
  bool any_scheduled() const;
  absl::Duration longest_try() const { return longest_try_; }

  void OfferCycle(const Publication& publication);      // to sinks that export after every cycle
  void OfferScheduled(const Publication& publication);  // to the other sinks
  void CountMissed(std::uint64_t count);
  // Exports to all sinks. Returns one outcome per sink, in the README's order; kDeadlineExceeded
  // for those that take longer than `timeout`.
  std::vector<SinkOutcome> Export(const Publication& publication, absl::Duration timeout);

  // Stops all at once; false when one takes longer than `grace`.
  bool Stop(absl::Duration grace);

 private:
  struct Served {
    bool every_cycle = false;
    std::unique_ptr<SinkThread> thread;
  };
  std::vector<Served> threads_;
  absl::Duration longest_try_;
};

}  // namespace chatscale
