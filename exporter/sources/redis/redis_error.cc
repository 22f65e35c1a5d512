#include "exporter/sources/redis/redis_error.h"

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

bool IsKeyError(ErrorKind kind) {
  return kind == ErrorKind::kWrongType || kind == ErrorKind::kTooLarge;
}

}  // namespace chatscale::redis
