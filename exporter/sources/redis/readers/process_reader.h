// Reads who is alive: heartbeats and open streams of one target.
//
// Processes are found through the process indexes; those that are not indexed through keys that a
// SCAN happened to meet. A key that is gone is forgotten until it is found again.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/sources/redis/state/fleet.h"
#include "exporter/sources/redis/state/gateway_config.h"
#include "exporter/sources/redis/state/keys.h"
#include "exporter/sources/redis/state/sse.h"
#include "exporter/sources/redis/wire/pipeline.h"
#include "exporter/sources/redis/wire/reply_stream.h"

namespace chatscale::redis {

class ProcessReader {
 public:
  explicit ProcessReader(const KeySpace& keys) : keys_(keys) {}

  // A key of this target, met by a SCAN; any other kind of key is ignored.
  void Observe(std::string_view key);

  void AskIndexes(const GatewayConfig& config, double now, Pipeline& pipeline);
  void TakeIndexes(ReplyStream& replies, TargetFaults& faults);

  void AskProcesses(Pipeline& pipeline);
  void TakeProcesses(const GatewayConfig& config, double now, TolerantParser& parser,
                     ReplyStream& replies, TargetFaults& faults);

  // As of the last TakeProcesses; in byte order of their keys.
  std::vector<Process> TakeOver() { return std::move(processes_); }
  int heartbeat_keys() const { return heartbeat_keys_; }
  std::optional<SseTotals> sse() const { return TotalsOf(sse_); }
  MaybeNumber sse_coverage() const { return CoverageOf(sse_); }

 private:
  void TakeStreams(const std::set<std::string>& alive, const GatewayConfig& config, double now,
                   TolerantParser& parser, ReplyStream& replies, ReplyFaults& faults);
  void MarkDraining();

  const KeySpace& keys_;
  std::set<std::string> asked_indexes_;            // keys
  std::set<std::string, std::less<>> heartbeats_;  // keys
  std::set<std::string> found_streams_;            // "<instance_id>:<process_id>", by SCAN
  std::vector<std::string> asked_heartbeats_;
  std::set<std::string> asked_streams_;
  std::vector<Process> processes_;
  int heartbeat_keys_ = 0;
  SseTable sse_;
};

}  // namespace chatscale::redis
