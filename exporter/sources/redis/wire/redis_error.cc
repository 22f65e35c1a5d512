#include "exporter/sources/redis/wire/redis_error.h"

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
  // "NOPERM this user has no permissions to access one of the keys used as arguments", and since
  // Redis 7 "NOPERM No permissions to access a key"; the other one is "... to run the 'get'
  // command".
  const bool denied_key = kind == ErrorKind::kPermission &&
                          reply_text.find("access") != std::string_view::npos &&
                          reply_text.find("key") != std::string_view::npos;
  return kind == ErrorKind::kWrongType || kind == ErrorKind::kTooLarge || denied_key;
}

}  // namespace chatscale::redis
