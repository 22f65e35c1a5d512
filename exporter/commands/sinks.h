// The configured sinks, each on a thread of its own. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "exporter/config/config.h"
#include "exporter/core/sink_outcome.h"
#include "exporter/core/view.h"
#include "exporter/exposition/publication.h"
#include "exporter/sinks/sink_thread.h"

namespace chatscale {

class Sinks {
 public:
  explicit Sinks(const Config& config);

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

  std::vector<SinkStats> Stats() const;
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
