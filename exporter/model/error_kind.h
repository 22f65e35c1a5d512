// Error kinds: a closed set of external failures, and the label of
// `chat_exporter_collect_errors_total`. An absl::Status carries the kind as payload.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace chatscale {

enum class ErrorKind {
  kConnect,     // connection refused, no route, name not found
  kTimeout,     // no complete response before the deadline
  kAuth,        // authentication: 401, 403, NOAUTH, WRONGPASS; or unreadable own credentials
  kHttp,        // any other non-2xx status
  kTls,         // handshake or certificate
  kTruncated,   // incomplete response
  kTooLarge,    // response above the size limit
  kProtocol,    // violates the protocol
  kParse,       // not JSON
  kSchema,      // JSON of another structure
  kPermission,  // command refused by the server (NOPERM)
  kLoading,     // server is starting
  kReadOnly,
  kMoved,      // redirect of a Redis cluster
  kWrongType,  // key of another Redis type
  kNotFound,   // requested item does not exist
  kFrozen,     // responds, but its data no longer changes
  kInternal,   // internal to chatscale
};

std::string_view ErrorKindName(ErrorKind kind);

// An error status that carries `kind`.
absl::Status KindError(ErrorKind kind, std::string_view message);

// The kind of a status; kInternal without one.
ErrorKind KindOf(const absl::Status& status);

// The HTTP status of a response, so that it can be passed on.
void SetHttpStatus(int http_status, absl::Status& status);
std::optional<int> HttpStatusOf(const absl::Status& status);

}  // namespace chatscale
