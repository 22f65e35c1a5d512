// Reads what else the processors work on, beside the queues: background jobs (upstream D27), and
// how many tasks were ever put into the queues.
//
//   AskGroups   how far the consumer group of each stream is
//   AskRest     how much is left, where the group cannot tell
//
// A finished job stays in its stream: its length is no backlog. Reading needs rights of its own; an
// account without them is not asked again for a while, and what waits is unknown, not 0.
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

  void AskGroups(double now, Pipeline& pipeline);
  void TakeGroups(ReplyStream& replies, ReplyFaults& faults);
  void AskRest(Pipeline& pipeline) const;
  void TakeRest(ReplyStream& replies, ReplyFaults& faults);

  // As of the last TakeRest; the counts of all streams together, nullopt where one is not known.
  void Fill(TargetState& state) const;

 private:
  struct Stream {
    MaybeNumber waiting, claimed;
    bool ask_length = false;  // nobody has read it yet: all of it waits
    std::string ask_after;    // id; what came later waits
  };

  const KeySpace& keys_;
  double now_ = 0;
  double not_before_ = 0;
  bool asked_ = false;
  std::array<Stream, kJobQueueNames.size()> streams_;
  MaybeNumber counter_;   // as last read: it restarts at 0 after five minutes of silence
  MaybeNumber admitted_;  // tasks since the first time it was
};

}  // namespace chatscale::redis
