// What went wrong with something outside, as a closed set: a label of
// `chat_exporter_collect_errors_total`. The kind travels with an absl::Status.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace chatscale {

enum class ErrorKind {
  kConnect,     // refused, no route, name not found
  kTimeout,     // no complete answer within the deadline
  kAuth,        // 401, 403, NOAUTH, WRONGPASS; or our own credentials cannot be read
  kHttp,        // any other status that is not 2xx
  kTls,         // handshake or certificate
  kTruncated,   // the answer broke off
  kTooLarge,    // the answer exceeds the limit
  kProtocol,    // not the protocol we speak
  kParse,       // not JSON
  kSchema,      // JSON of another shape
  kPermission,  // the server refuses the command (NOPERM)
  kLoading,     // the server is starting
  kReadOnly,
  kMoved,      // a cluster sends us elsewhere
  kWrongType,  // a key holds another type
  kNotFound,   // what was asked for is not there
  kFrozen,     // it answers, and nothing in it changes any more
  kInternal,   // ours
};

std::string_view ErrorKindName(ErrorKind kind);

// An error status that carries `kind`.
absl::Status KindError(ErrorKind kind, std::string_view message);

// The kind a status carries; kInternal when it carries none.
ErrorKind KindOf(const absl::Status& status);

// The HTTP status an answer had, for those who pass it on.
void SetHttpStatus(int http_status, absl::Status& status);
std::optional<int> HttpStatusOf(const absl::Status& status);

}  // namespace chatscale
