#include "exporter/sources/redis/queue_reader.h"

#include "exporter/sources/redis/redis_error.h"

namespace chatscale::redis {
namespace {

MaybeNumber LengthIn(ReplyView reply) {
  const auto length = reply.Integer();
  return length ? MaybeNumber(static_cast<double>(*length)) : std::nullopt;
}

MaybeNumber MailboxIn(ReplyView reply, ReplyFaults& faults) {
  if (reply.IsNil()) return 0.0;
  if (reply.IsError()) return std::nullopt;
  const MaybeNumber count = ParseCount(reply.Text().value_or(""));
  if (!count) ++faults.malformed;
  return count;
}

}  // namespace

void AskQueues(const KeySpace& keys, Pipeline& pipeline) {
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    const UserType type{u};
    const std::string ready = keys.Ready(type);
    pipeline.Add({"LLEN", ready});
    pipeline.Add({"LLEN", keys.InFlight(type)});
    pipeline.Add({"GET", keys.Mailbox(type)});
    pipeline.Add({"GET", keys.Analytics(type)});
    pipeline.Add({"LINDEX", ready, "-1"});  // tasks are taken from the right
  }
}

QueueReading TakeQueues(TolerantParser& parser, ReplyStream& replies, TargetFaults& faults) {
  QueueReading out;
  for (std::size_t u = 0; u < kUserTypeCount; ++u) {
    out.queues.ready[u] = LengthIn(replies.Next(faults.proc));
    out.queues.in_flight[u] = LengthIn(replies.Next(faults.proc));
    out.queues.mailbox[u] = MailboxIn(replies.Next(faults.proc), faults.proc);
    const ReplyView analytics = replies.Next(faults.other);
    if (const auto json = analytics.Text(); json && !analytics.IsError()) {
      out.queues.analytics[u] = ParseAnalytics(parser, *json, faults.other.malformed);
    }
    const ReplyView next_task = replies.Next(faults.proc);
    const auto text = next_task.Text();
    if (!text) continue;
    if (next_task.IsError()) {
      out.oversized_tasks += KindOfReply(*text) == ErrorKind::kTooLarge ? 1 : 0;
      continue;
    }
    out.queues.next_task_created[u] = ParseTaskCreated(parser, *text);
    if (!out.queues.next_task_created[u]) ++faults.proc.malformed;
  }
  return out;
}

}  // namespace chatscale::redis
