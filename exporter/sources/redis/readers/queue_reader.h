// Reads the queues of one target: one pipeline's worth of commands, and their replies. Pure.
#pragma once

#include <optional>

#include "exporter/sources/redis/state/keys.h"
#include "exporter/sources/redis/state/queues.h"
#include "exporter/sources/redis/wire/pipeline.h"
#include "exporter/sources/redis/wire/reply_stream.h"

namespace chatscale::redis {

void AskQueues(const KeySpace& keys, Pipeline& pipeline);
Queues TakeQueues(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults);

// The tasks that will be taken next, of the queues where some wait (D20). One above the bound of a
// reply is passed over, but all of it has to come through the wire: it is not asked for again while
// nothing was taken from its queue.
class HeadReader {
 public:
  // What the queues hold now: a head that may have been taken is unknown again.
  void Observe(const Queues& queues, double now);
  bool Wanted(const Queues& queues) const;
  void Ask(const KeySpace& keys, const Queues& queues, Pipeline& pipeline);
  void Take(const Queues& queues, TolerantParser& parser, ReplyStream& replies,
            TargetFaults& faults, PerUserType<MaybeNumber>& created);
  // The replies did not come: none is asked for, for a while.
  void Failed() { not_before_ = now_ + kRetrySeconds; }

  int oversized() const;  // heads known to be

 private:
  static constexpr double kRetrySeconds = 300;
  static constexpr double kForgetSeconds = 3600;

  struct Oversized {
    double ready = 0, in_flight = 0;  // tasks, in the last cycle
    double seen_at = 0;
  };
  bool Wanted(const Queues& queues, std::size_t user) const;

  double now_ = 0;
  double not_before_ = 0;
  PerUserType<bool> asked_{};
  PerUserType<std::optional<Oversized>> oversized_;
};

}  // namespace chatscale::redis
