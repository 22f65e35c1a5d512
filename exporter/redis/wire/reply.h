// One reply of Redis, owned. Views returned by it live as long as the reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/snapshot.h"

struct redisReply;

namespace chatscale::redis {

// What an error reply of Redis means.

// The kind of an error reply, from its first word ("NOAUTH Authentication required." -> kAuth).
// MASTERDOWN counts as kReadOnly, every cluster redirection as kMoved, anything else as kProtocol.
ErrorKind KindOfReply(std::string_view reply_text);

// Whether the error lies in one key (another type, too large, out of the account's keys) and not in
// the connection or the account.
bool IsKeyError(std::string_view reply_text);

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

// The replies to one pipeline, taken in order, with what went wrong in them.

// What went wrong in some of the replies of one target in one cycle.
struct ReplyFaults {
  int malformed = 0;    // keys and fields that could not be read
  absl::Status status;  // the first error that concerns the whole target, such as NOPERM
  int answered = 0;     // replies that are no errors
  absl::Status denied;  // the first key that the account may not read

  void Note(ReplyView reply);
};

// By whose signals they spoil; see MalformedFields.
struct TargetFaults : PerService<ReplyFaults> {
  ReplyFaults other;

  // The first that is not OK; kPermission also when no key at all may be read.
  absl::Status status() const;
  MalformedFields malformed() const {
    return {{ingress.malformed, proc.malformed}, other.malformed};
  }
};

class ReplyStream {
 public:
  explicit ReplyStream(const std::vector<Reply>& replies) : replies_(replies) {}

  // Requires: as many replies as commands were added. Error replies are noted in `faults`.
  ReplyView Next(ReplyFaults& faults);
  // Lets `take(replies, position)` consume any number of replies.
  template <typename Take>
  void Pass(ReplyFaults& faults, Take take) {
    std::size_t next = position_;
    take(replies_, next);
    while (position_ < next) Next(faults);
  }

 private:
  const std::vector<Reply>& replies_;
  std::size_t position_ = 0;
};

}  // namespace chatscale::redis
