#include "exporter/sources/redis/wire/reply.h"

#include <hiredis/hiredis.h>

namespace chatscale::redis {

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

}  // namespace chatscale::redis
