#include "exporter/redis/wire/reply.h"

#include <hiredis/hiredis.h>

#include <string>

#include "exporter/model/text.h"

namespace chatscale::redis {

namespace {

struct Prefix {
  std::string_view text;
  ErrorKind kind;
};

constexpr Prefix kPrefixes[] = {
    {"NOAUTH", ErrorKind::kAuth},
    {"WRONGPASS", ErrorKind::kAuth},
    {"ERR AUTH", ErrorKind::kAuth},
    {"ERR Client sent AUTH", ErrorKind::kAuth},
    {"ERR invalid password", ErrorKind::kAuth},
    {"NOPERM", ErrorKind::kPermission},
    {"LOADING", ErrorKind::kLoading},
    {"BUSY", ErrorKind::kLoading},
    {"READONLY", ErrorKind::kReadOnly},
    {"MASTERDOWN", ErrorKind::kReadOnly},
    {"MOVED", ErrorKind::kMoved},
    {"ASK ", ErrorKind::kMoved},
    {"CLUSTERDOWN", ErrorKind::kMoved},
    {"CROSSSLOT", ErrorKind::kMoved},
    {"WRONGTYPE", ErrorKind::kWrongType},
    {"TOOLARGE", ErrorKind::kTooLarge},
    {"ERR max number of clients", ErrorKind::kConnect},
};

}  // namespace

ErrorKind KindOfReply(std::string_view reply_text) {
  for (const Prefix& prefix : kPrefixes) {
    if (reply_text.starts_with(prefix.text)) return prefix.kind;
  }
  return ErrorKind::kProtocol;
}

bool IsKeyError(std::string_view reply_text) {
  const ErrorKind kind = KindOfReply(reply_text);
  // A denied key: "NOPERM this user has no permissions to access one of the keys used as
  // arguments", since Redis 7 "NOPERM No permissions to access a key". A denied command: "... to
  // run the 'get' command".
  const bool denied_key = kind == ErrorKind::kPermission &&
                          reply_text.find("access") != std::string_view::npos &&
                          reply_text.find("key") != std::string_view::npos;
  return kind == ErrorKind::kWrongType || kind == ErrorKind::kTooLarge || denied_key;
}

bool ReplyView::IsNil() const { return reply_->type == REDIS_REPLY_NIL; }
bool ReplyView::IsError() const { return reply_->type == REDIS_REPLY_ERROR; }
bool ReplyView::IsArray() const { return reply_->type == REDIS_REPLY_ARRAY; }

std::optional<std::string_view> ReplyView::Text() const {
  switch (reply_->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      return std::string_view(reply_->str, reply_->len);
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> ReplyView::Integer() const {
  if (reply_->type != REDIS_REPLY_INTEGER) return std::nullopt;
  return reply_->integer;
}

std::size_t ReplyView::size() const { return IsArray() ? reply_->elements : 0; }

ReplyView ReplyView::operator[](std::size_t i) const { return ReplyView(reply_->element[i]); }

Reply::Reply(redisReply* owned) : reply_(owned) {}
Reply::~Reply() = default;
void Reply::Free::operator()(redisReply* reply) const { freeReplyObject(reply); }

void ReplyFaults::Note(ReplyView reply) {
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
  first = KindError(kind, "Redis replied: " + RepairUtf8(text.substr(0, kMaxErrorTextBytes)));
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
