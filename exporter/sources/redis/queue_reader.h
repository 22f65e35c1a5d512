// Reads the queues of one target: one pipeline's worth of commands, and their replies. Pure.
#pragma once

#include "exporter/sources/redis/keys.h"
#include "exporter/sources/redis/pipeline.h"
#include "exporter/sources/redis/queues.h"
#include "exporter/sources/redis/reply_stream.h"

namespace chatscale::redis {

void AskQueues(const KeySpace& keys, Pipeline& pipeline);

struct QueueReading {
  Queues queues;
  int oversized_tasks = 0;  // next tasks too large to look into
};
QueueReading TakeQueues(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults);

}  // namespace chatscale::redis
