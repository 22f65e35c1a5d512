// Reads the background jobs, which processors execute beside the queues (D27), and how many tasks
// were admitted to the queues.
//
//   AddGroupCommands      the position of the consumer group in each stream
//   AddRemainingCommands  the number of entries left, where there is no group or no lag
//
// A finished job stays in its stream, so the stream's length is not the backlog. SignalValue needs
// rights of its own: without them it is retried after a while, and the counts are unknown, not 0.
#pragma once

#include <array>
#include <string>

#include "exporter/redis/keys.h"
#include "exporter/redis/target_state.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

class JobReader {
 public:
  explicit JobReader(const KeySpace& keys) : keys_(keys) {}

  void AddGroupCommands(double now, Pipeline& pipeline);
  void ParseGroupReplies(ReplyStream& replies, ReplyFaults& faults);
  void AddRemainingCommands(Pipeline& pipeline) const;
  void ParseRemainingReplies(ReplyStream& replies, ReplyFaults& faults);

  // Sums over all streams, as of the last ParseRemainingReplies; nullopt where one is unknown.
  void Fill(TargetState& state) const;

 private:
  struct Stream {
    MaybeNumber waiting, claimed;
    bool ask_length = false;  // it has no consumer group yet: all its entries wait
    std::string ask_after;    // id; later entries wait
  };

  const KeySpace& keys_;
  double now_ = 0;
  double not_before_ = 0;
  bool requested_ = false;
  std::array<Stream, kJobQueueNames.size()> streams_;
  MaybeNumber counter_;   // as last read; restarts at 0 after five minutes without admissions
  MaybeNumber admitted_;  // tasks since the first read
};

}  // namespace chatscale::redis
