// Reads one tenant and project, one collection cycle at a time:
//
//   AddFirstCommands     configuration, indexes, queues, new members of the rolling sets
//   AddSecondCommands    heartbeats and streams of the processes found, circuit breakers
//   AddHeadCommands      the next tasks of the queues that are not empty
//   AddBackfillCommands  further pages, while the history is being read
//   Finish               returns the TargetState
//
// The commands of many targets may share a pipeline: each consumes its own replies, in order.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/redis/jobs.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/latencies.h"
#include "exporter/redis/processes.h"
#include "exporter/redis/queues.h"
#include "exporter/redis/requests.h"
#include "exporter/redis/target_state.h"
#include "exporter/redis/throttling.h"
#include "exporter/redis/windows.h"

namespace chatscale::redis {

struct ReaderOptions {
  std::string instance_id;  // our own, as the upstream's metrics service has one
  // Used where Redis holds no configuration; always if `force_fallback`
  // (GATEWAY_CONFIG_FORCE_ENV_ON_STARTUP).
  std::shared_ptr<const ParsedGateway> fallback;
  bool force_fallback = false;
};

class TargetReader {
 public:
  TargetReader(Target target, const ReaderOptions& options);
  TargetReader(const TargetReader&) = delete;
  TargetReader& operator=(const TargetReader&) = delete;

  const Target& target() const { return target_; }
  // Adds a key of this target, found by SCAN.
  void Observe(std::string_view key) { processes_.Observe(key); }

  void AddFirstCommands(double now, std::size_t page, Pipeline& pipeline);
  void ParseFirstReplies(TolerantParser& parser, ReplyStream& replies);
  void AddSecondCommands(Pipeline& pipeline);
  void ParseSecondReplies(TolerantParser& parser, ReplyStream& replies);
  bool WantsHeads() const { return heads_.Wanted(queues_); }
  void AddHeadCommands(Pipeline& pipeline) { heads_.AddCommands(keys_, queues_, pipeline); }
  void ParseHeadReplies(TolerantParser& parser, ReplyStream& replies);
  void HeadsFailed() { heads_.Failed(); }
  bool NeedsMore() const {
    return faults_.status().ok() && (latencies_.NeedsMore() || throttling_.NeedsMore());
  }
  void AddBackfillCommands(Pipeline& pipeline) {
    latencies_.AddBackfillCommands(pipeline);
    throttling_.AddBackfillCommands(pipeline);
  }
  void ParseBackfillReplies(TolerantParser& parser, ReplyStream& replies);
  // To be called after a reconnect: another server may respond.
  void OnReconnect() {
    latencies_.OnReconnect();
    throttling_.OnReconnect();
  }

  // The first and second replies of this cycle were parsed; Finish may be called.
  bool read() const { return read_; }

  // It delayed other targets: it is read alone, after them.
  bool isolated = false;
  // Time this cycle spent on parsing its replies, without waiting for them.
  std::chrono::nanoseconds taken{};
  // Size of its replies when it was last read alone.
  std::uint64_t bytes_alone = 0;
  bool known = false;  // it was read before

  // Starts a cycle.
  void Begin() {
    taken = {};
    read_ = false;
  }

  // The result of this cycle, or the error that prevented it. `scratch` is reused.
  absl::StatusOr<std::shared_ptr<const TargetState>> Finish(
      std::optional<std::int64_t> postgres_max_connections, std::vector<double>& scratch);

  // Unix seconds of the last cycle with a live process, or with new work; 0 before the first.
  double last_alive() const { return last_alive_; }
  // No live process, task or configuration of it has been seen.
  bool missing() const { return missing_; }
  // What was found instead: "", or "3 processes, last seen 128 days ago".
  const std::string& leftovers() const { return leftovers_; }
  bool alive() const { return alive_; }              // a process lived in the last cycle
  double tasks_left() const { return tasks_left_; }  // in the queue, in the last cycle
  std::size_t MemoryBytes() const { return latencies_.MemoryBytes(); }

 private:
  void ParseConfigReply(ReplyView reply);
  void RecordHeartbeats(const TargetState& state);
  bool Frozen(const TargetState& state);

  Target target_;
  const ReaderOptions& options_;
  KeySpace keys_;
  std::shared_ptr<const ParsedGateway> gateway_;
  ProcessReader processes_;
  Latencies latencies_;
  ThrottleLog throttling_;
  AdmittedRequests requests_;
  JobReader jobs_;
  WindowReader windows_;
  double now_ = 0;
  double last_alive_ = 0;
  bool missing_ = false;
  std::string leftovers_;
  bool alive_ = false;
  double heartbeat_sum_ = 0;    // sum of the times of all heartbeats; see Frozen
  double changed_ = 0;          // Unix seconds: last change of `heartbeat_sum_`
  bool leftovers_only_ = true;  // at that change, all heartbeats were leftovers
  double tasks_left_ = 0;
  MaybeNumber admitted_;  // in the last cycle
  TargetFaults faults_;
  bool read_ = false;
  Queues queues_;
  HeadReader heads_;
  Breakers breakers_;
};

}  // namespace chatscale::redis
