// The configured sinks, each on a thread of its own. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "exporter/app/config.h"
#include "exporter/metrics/publication.h"
#include "exporter/model/view.h"
#include "exporter/sinks/cloudwatch_sink.h"
#include "exporter/sinks/otlp_sink.h"
#include "exporter/sinks/pushgateway_sink.h"
#include "exporter/sinks/sink_thread.h"

namespace chatscale {

CloudWatchOptions CloudWatchOf(const Config& config);

class Sinks {
 public:
  Sinks(const Config& config, const std::shared_ptr<SelfMetrics>& self);

  bool any() const { return !threads_.empty(); }
  // Those that wait for a beat or for Export.
  bool any_scheduled() const;
  absl::Duration longest_try() const { return longest_try_; }

  void OfferRound(const Publication& publication);  // to those that want every round
  void OfferBeat(const Publication& publication);   // to the others
  void MissedBeats(std::uint64_t count);
  // To all. One outcome for each, in the order of the README; what takes longer than `patience` has
  // kDeadlineExceeded.
  std::vector<SinkOutcome> Export(const Publication& publication, absl::Duration patience);

  // All are told at once; false when one takes longer than `grace`.
  bool Stop(absl::Duration grace);

 private:
  struct Served {
    bool every_round = false;
    std::unique_ptr<SinkThread> thread;
  };
  std::vector<Served> threads_;
  absl::Duration longest_try_;
};

}  // namespace chatscale
