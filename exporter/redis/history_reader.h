// Reads what happened: latencies, refusals and admitted requests of one target, only what is new.
#pragma once

#include <array>
#include <map>
#include <string>

#include "exporter/redis/keys.h"
#include "exporter/redis/latencies.h"
#include "exporter/redis/target_state.h"
#include "exporter/redis/throttling.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

class HistoryReader {
 public:
  explicit HistoryReader(const KeySpace& keys);

  // `page` bounds the members of one reply.
  void AskNews(double now, std::size_t page, Pipeline& pipeline);
  void TakeNews(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults);

  // The connection was made anew since the last news.
  void ServerMayDiffer();

  // Further pages, of those that have more.
  bool NeedsMore() const;
  void AskMore(Pipeline& pipeline);
  void TakeMore(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults);

  void AskRequests(Pipeline& pipeline);
  void TakeRequests(ReplyStream& replies, ReplyFaults& faults);

  void Fill(TargetState& state, std::vector<double>& scratch) const;
  std::size_t MemoryBytes() const;

 private:
  void Ask(Pipeline& pipeline, bool only_unfinished);
  void CountAdmitted(std::map<std::string, double> hours);
  void FindZone(const std::vector<double>& counts);

  double now_ = 0;
  std::size_t page_ = 0;
  RollingSeries wait_, exec_, rest_;
  ThrottleLog throttling_;
  std::string requests_key_;
  std::vector<std::string> hour_names_;  // asked for
  std::array<bool, 4> asked_{};          // the three series and the log
  std::array<MaybeNumber, kThrottlePeriodHours.size()> requests_;
  std::map<std::string, double> hours_;  // admitted, by local hour, as last read
  int cycle_ = 0;
  bool probing_ = false;                  // all hours are asked for that a writer may count in
  int zone_hours_ = 0;                    // by which the writers' clocks are ahead of ours
  std::map<std::string, double> probed_;  // at the last probe
  MaybeNumber admitted_;                  // since the first time they were
};

}  // namespace chatscale::redis
