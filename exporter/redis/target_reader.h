// Reads one tenant and project, one cycle at a time:
//
//   AskFirst   configuration, indexes, queues, what is new in the rolling sets
//   AskSecond  heartbeats and streams of the processes found, circuit breakers
//   AskHeads   the tasks that will be taken next, where some wait
//   AskMore    further pages, while the history is being read in
//   Finish     -> TargetState
//
// The commands of many targets may share a pipeline: each takes its own replies, in order.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/redis/history_reader.h"
#include "exporter/redis/jobs.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/processes.h"
#include "exporter/redis/queues.h"
#include "exporter/redis/target_state.h"
#include "exporter/redis/windows.h"

namespace chatscale::redis {

struct ReaderOptions {
  std::string instance_id;  // our own
  // In force where Redis holds no configuration, or everywhere.
  std::shared_ptr<const GatewayReading> fallback;
  bool force_fallback = false;
};

class TargetReader {
 public:
  TargetReader(Target target, const ReaderOptions& options);
  TargetReader(const TargetReader&) = delete;
  TargetReader& operator=(const TargetReader&) = delete;

  const Target& target() const { return target_; }
  // A key of this target, met by a SCAN.
  void Observe(std::string_view key) { processes_.Observe(key); }

  void AskFirst(double now, std::size_t page, Pipeline& pipeline);
  void TakeFirst(TolerantParser& parser, ReplyStream& replies);
  void AskSecond(Pipeline& pipeline);
  void TakeSecond(TolerantParser& parser, ReplyStream& replies);
  bool WantsHeads() const { return heads_.Wanted(queues_); }
  void AskHeads(Pipeline& pipeline) { heads_.Ask(keys_, queues_, pipeline); }
  void TakeHeads(TolerantParser& parser, ReplyStream& replies);
  void HeadsFailed() { heads_.Failed(); }
  bool NeedsMore() const { return faults_.status().ok() && history_.NeedsMore(); }
  void AskMore(Pipeline& pipeline) { history_.AskMore(pipeline); }
  void TakeMore(TolerantParser& parser, ReplyStream& replies);
  // The connection was made anew: another server may be answering.
  void ServerMayDiffer() { history_.ServerMayDiffer(); }

  // First and second have been taken in the present cycle: there is something to finish.
  bool read() const { return read_; }

  // To be read apart from others: it held them up.
  bool isolated = false;
  // What reading it took of the present cycle's time, without the waiting.
  std::chrono::nanoseconds taken{};
  // Bytes that it sent when it was read alone last.
  std::uint64_t bytes_alone = 0;
  bool known = false;  // it was read before

  // Another cycle: nothing of it has been read.
  void Begin() {
    taken = {};
    read_ = false;
  }

  // What this cycle read, or why it could not. `scratch` is reused.
  absl::StatusOr<std::shared_ptr<const TargetState>> Finish(
      std::optional<std::int64_t> postgres_max_connections, std::vector<double>& scratch);

  // Unix seconds of the last cycle with a live process, or with new work; 0 before the first.
  double last_alive() const { return last_alive_; }
  // Neither a process that lives, nor a task, nor a configuration has been seen of it; what is
  // there instead: "", or "3 processes, last seen 128 days ago".
  bool missing() const { return missing_; }
  const std::string& leftovers() const { return leftovers_; }
  bool alive() const { return alive_; }              // in the last cycle a process lived
  double tasks_left() const { return tasks_left_; }  // in the queue, in the last cycle
  std::size_t MemoryBytes() const { return history_.MemoryBytes(); }

 private:
  void TakeConfig(ReplyView reply);
  void NoteLife(const TargetState& state);
  bool Frozen(const TargetState& state);

  Target target_;
  const ReaderOptions& options_;
  KeySpace keys_;
  std::shared_ptr<const GatewayReading> gateway_;
  ProcessReader processes_;
  HistoryReader history_;
  JobReader jobs_;
  WindowReader windows_;
  double now_ = 0;
  double last_alive_ = 0;
  bool missing_ = false;
  std::string leftovers_;
  bool alive_ = false;
  double beats_ = 0;            // sum of the processes' last heartbeats
  double changed_ = 0;          // Unix seconds: since then it is as it is
  bool leftovers_only_ = true;  // then
  double tasks_left_ = 0;
  MaybeNumber admitted_;  // in the last cycle
  TargetFaults faults_;
  bool read_ = false;
  Queues queues_;
  HeadReader heads_;
  Breakers breakers_;
};

}  // namespace chatscale::redis
