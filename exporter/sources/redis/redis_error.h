// What can go wrong with Redis, as kinds that can be counted and told apart.
//
// A kind travels inside an absl::Status as a payload: callers that only know statuses see a code and
// a message, callers that count see the kind. Messages never contain a password.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace chatscale::redis {

enum class ErrorKind : std::size_t {
  kConnect,    // refused, unreachable, closed by the peer
  kTimeout,    // no complete answer before the deadline
  kAuth,       // NOAUTH, WRONGPASS, bad password file
  kNoPerm,     // the ACL user lacks a command or a key pattern
  kLoading,    // Redis is reading its data set
  kReadOnly,   // READONLY or MASTERDOWN
  kMoved,      // MOVED, ASK, CLUSTERDOWN: a cluster node, not supported
  kWrongType,  // the key holds another type
  kProtocol,   // not RESP, or more replies than commands
  kTooLarge,   // a reply above the bound
  kServer,     // any other error reply
  kConfig,     // the URL or an option cannot work
};
inline constexpr std::size_t kErrorKindCount = 12;
inline constexpr std::array<std::string_view, kErrorKindCount> kErrorKindNames = {
    "connect", "timeout",    "auth",     "noperm",    "loading", "readonly",
    "moved",   "wrong_type", "protocol", "too_large", "server",  "config"};

absl::Status MakeError(ErrorKind kind, std::string_view message);

// The kind carried by `status`, or nullopt when it is OK or not one of ours.
std::optional<ErrorKind> KindOf(const absl::Status& status);

// The kind of an error reply, from its first word ("NOAUTH Authentication required." -> kAuth).
ErrorKind KindOfReply(std::string_view reply_text);

}  // namespace chatscale::redis
