#include "exporter/sources/redis/wire/reply_stream.h"

#include <string>

#include "exporter/model/text.h"
#include "exporter/sources/redis/wire/redis_error.h"

namespace chatscale::redis {

void ReplyFaults::Note(ReplyView reply) {
  constexpr std::size_t kMaxTextBytes = 200;
  if (!reply.IsError()) {
    ++answered;
    return;
  }
  const std::string_view text = *reply.Text();
  const ErrorKind kind = KindOfReply(text);
  const bool of_key = IsKeyError(text);
  if (of_key) ++malformed;
  absl::Status& first = of_key ? denied : status;
  if (!first.ok() || (of_key && kind != ErrorKind::kPermission)) return;
  first = KindError(kind, "Redis answered: " + RepairUtf8(text.substr(0, kMaxTextBytes)));
}

absl::Status TargetFaults::status() const {
  for (const ReplyFaults* faults : {&other, &proc, &ingress}) {
    if (!faults->status.ok()) return faults->status;
  }
  if (other.answered + proc.answered + ingress.answered > 0) return absl::OkStatus();
  return other.denied.ok() ? proc.denied : other.denied;
}

ReplyView ReplyStream::Next(ReplyFaults& faults) {
  const ReplyView view = replies_[position_++].view();
  faults.Note(view);
  return view;
}

}  // namespace chatscale::redis
