// The replies to one pipeline, taken in order, with what went wrong in them.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/wire/reply.h"

namespace chatscale::redis {

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
