// Reads the latencies, refusals and admitted requests of one target incrementally.
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
  void AddCommands(double now, std::size_t page, Pipeline& pipeline);
  void ParseReplies(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults);

  // To be called after a reconnect: another server may respond.
  void OnReconnect();

  // Backfill: further pages of the sorted sets that have more.
  bool NeedsMore() const;
  void AddBackfillCommands(Pipeline& pipeline);

  void AddRequestCommands(Pipeline& pipeline);
  void ParseRequestReplies(ReplyStream& replies, ReplyFaults& faults);

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
  std::vector<std::string> hour_names_;  // requested in this cycle, newest first
  std::array<bool, 4> asked_{};          // the three series and the log
  std::array<MaybeNumber, kThrottlePeriodHours.size()> requests_;
  std::map<std::string, double> hours_;  // admitted, by local hour, as last read
  int cycle_ = 0;
  bool probing_ = false;                  // this cycle reads the hours of every time zone
  int zone_hours_ = 0;                    // by which the writers' clocks are ahead of ours
  std::map<std::string, double> probed_;  // counts at the last probe
  MaybeNumber admitted_;                  // since the first read
};

}  // namespace chatscale::redis
