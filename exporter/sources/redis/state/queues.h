// Queues of the five user types (contract 2.6), decoded. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "exporter/model/snapshot.h"

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

}  // namespace chatscale::redis
