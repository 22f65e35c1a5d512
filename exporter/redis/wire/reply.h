// Replies of Redis, the kinds of their errors, and a stream of the replies to one pipeline.
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

// The kind of an error reply, from its first word ("NOAUTH Authentication required." -> kAuth).
// MASTERDOWN counts as kReadOnly, every cluster redirection as kMoved, anything else as kProtocol.
ErrorKind KindOfReply(std::string_view reply_text);
inline constexpr std::size_t kMaxErrorTextBytes = 200;  // of it in our messages

// True when the error concerns one key (another type, too large, not permitted to the account) and
// not the connection or the account.
bool IsKeyError(std::string_view reply_text);

// A non-owning view of a reply or of an element of an array reply; valid as long as the Reply.
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

// One reply, owned.
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

// Faults in the replies of one target in one collection cycle.
struct ReplyFaults {
  int malformed = 0;    // keys and fields that could not be read
  absl::Status status;  // the first error that concerns the whole target, such as NOPERM
  int answered = 0;     // replies that are not errors
  absl::Status denied;  // the first key that the account may not read

  void Note(ReplyView reply);
};

// By the service whose signals they affect; see MalformedFields.
struct TargetFaults : PerService<ReplyFaults> {
  ReplyFaults other;

  // The first status that is not OK; kPermission also when no key at all may be read.
  absl::Status status() const;
  MalformedFields malformed() const {
    return {{ingress.malformed, proc.malformed}, other.malformed};
  }
};

// The replies to one pipeline, consumed in order.
class ReplyStream {
 public:
  explicit ReplyStream(const std::vector<Reply>& replies) : replies_(replies) {}

  // Requires: as many replies as commands were added. Error replies are noted in `faults`.
  ReplyView Next(ReplyFaults& faults);
  // Calls `take(replies, position)`, which may consume any number of replies.
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
