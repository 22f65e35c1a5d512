// What an error reply of Redis means.
#pragma once

#include <string_view>

#include "exporter/model/error_kind.h"

namespace chatscale::redis {

// The kind of an error reply, from its first word ("NOAUTH Authentication required." -> kAuth).
// MASTERDOWN counts as kReadOnly, every cluster redirection as kMoved, anything else as kProtocol.
ErrorKind KindOfReply(std::string_view reply_text);

// Whether the error lies in one key (another type, too large, out of the account's keys) and not in
// the connection or the account.
bool IsKeyError(std::string_view reply_text);

}  // namespace chatscale::redis
