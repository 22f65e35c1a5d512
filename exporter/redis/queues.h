// Queues of the five user types: depths, analytics and the age of the next task.
#pragma once

#include <optional>
#include <string_view>

#include "exporter/model/snapshot.h"
#include "exporter/redis/keys.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

class TolerantParser;

struct QueueAnalytics {                // of one user type; zeros when the key is missing
  MaybeNumber avg_wait_seconds = 0.0;  // running mean, never reset (D14); nullopt: not a number
  MaybeNumber throughput = 0.0;
};

struct Queues {
  // Nullopt: the key could not be read (wrong type, not a number). Absent keys are 0.
  PerUserType<MaybeNumber> ready, in_flight, mailbox;
  PerUserType<QueueAnalytics> analytics;
  // meta.created_at of the next task (the head), Unix seconds; nullopt: the queue is empty, or the
  // task oversized or malformed (D20).
  PerUserType<MaybeNumber> next_task_created;
};

// ready + in flight + mailbox; nullopt when a part could not be read (a partial sum is unknown).
MaybeNumber SizeOf(const Queues& queues, UserType type);
MaybeNumber TotalOf(const Queues& queues);
// The sum over all user types.
MaybeNumber SumOf(const PerUserType<MaybeNumber>& sizes);

// A decimal integer, surrounding spaces allowed; nullopt when not one, negative or above 1e9.
MaybeNumber ParseCount(std::string_view text);

// `malformed` counts JSON that is not an object, and fields that are not numbers.
QueueAnalytics ParseAnalytics(TolerantParser& parser, std::string_view json, int& malformed);

void AddQueueCommands(const KeySpace& keys, Pipeline& pipeline);
Queues ParseQueueReplies(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults);

// Reads the head, the next task, of each queue that is not empty (D20). An oversized head (above
// the bound of a reply) is skipped, but still costs its bytes on the network: it is not requested
// again while nothing was taken from its queue, for at most an hour.
class HeadReader {
 public:
  // Updates the sizes of the queues; forgets an oversized head that may have been taken.
  void Observe(const Queues& queues, double now);
  bool Wanted(const Queues& queues) const;
  void AddCommands(const KeySpace& keys, const Queues& queues, Pipeline& pipeline);
  void ParseReplies(const Queues& queues, TolerantParser& parser, ReplyStream& replies,
                    TargetFaults& faults, PerUserType<MaybeNumber>& created);
  // The replies did not arrive in time: the next retry is after kRetrySeconds.
  void Failed() { not_before_ = now_ + kRetrySeconds; }

  int oversized() const;  // number of oversized heads

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
  PerUserType<bool> requested_{};
  PerUserType<std::optional<Oversized>> oversized_;
};

}  // namespace chatscale::redis
