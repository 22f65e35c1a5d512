// One reply of Redis, owned. Views returned by it live as long as the reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct redisReply;

namespace chatscale::redis {

// A look at a reply or at an element of an array reply; does not own.
class ReplyView {
 public:
  explicit ReplyView(const redisReply* reply) : reply_(reply) {}

  bool IsNil() const;
  bool IsError() const;
  bool IsArray() const;
  // Text of a bulk string, a status or an error; nullopt for the other types.
  std::optional<std::string_view> Text() const;
  std::optional<std::int64_t> Integer() const;
  std::size_t size() const;  // elements of an array, else 0
  ReplyView operator[](std::size_t i) const;

 private:
  const redisReply* reply_;
};

class Reply {
 public:
  explicit Reply(redisReply* owned);
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept = default;
  ~Reply();

  ReplyView view() const { return ReplyView(reply_.get()); }

 private:
  struct Free {
    void operator()(redisReply* reply) const;
  };
  std::unique_ptr<redisReply, Free> reply_;
};

}  // namespace chatscale::redis
