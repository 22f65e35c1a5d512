// Queues of the five user types (contract 2.6), decoded. Pure.
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
  // meta.created_at of the task that will be taken next, Unix seconds; nullopt: queue empty, or the
  // task oversized or unreadable (D20).
  PerUserType<MaybeNumber> next_task_created;
};

// ready + in flight + mailbox; nullopt when a part could not be read: some of it is not the whole.
MaybeNumber SizeOf(const Queues& queues, UserType type);
MaybeNumber TotalOf(const Queues& queues);
// The sum over all user types.
MaybeNumber SumOf(const PerUserType<MaybeNumber>& sizes);

// A decimal integer, surrounding spaces allowed; nullopt when not one, negative or above 1e9.
MaybeNumber ParseCount(std::string_view text);

// `malformed` counts JSON that is no object and fields that are no numbers.
QueueAnalytics ParseAnalytics(TolerantParser& parser, std::string_view json, int& malformed);

// `meta.created_at` of a task payload.
MaybeNumber ParseTaskCreated(TolerantParser& parser, std::string_view json);

// Reads the queues of one target: one pipeline's worth of commands, and their replies. Pure.

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
