#include "exporter/sources/redis/redis_error.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace chatscale::redis {
namespace {

constexpr char kPayloadUrl[] = "chatscale.redis/error_kind";

struct Prefix {
  std::string_view text;
  ErrorKind kind;
};

constexpr Prefix kPrefixes[] = {
    {"NOAUTH", ErrorKind::kAuth},         {"WRONGPASS", ErrorKind::kAuth},
    {"ERR AUTH", ErrorKind::kAuth},       {"ERR invalid password", ErrorKind::kAuth},
    {"NOPERM", ErrorKind::kNoPerm},       {"LOADING", ErrorKind::kLoading},
    {"READONLY", ErrorKind::kReadOnly},   {"MASTERDOWN", ErrorKind::kReadOnly},
    {"MOVED", ErrorKind::kMoved},         {"ASK ", ErrorKind::kMoved},
    {"CLUSTERDOWN", ErrorKind::kMoved},   {"CROSSSLOT", ErrorKind::kMoved},
    {"WRONGTYPE", ErrorKind::kWrongType}, {"TOOLARGE", ErrorKind::kTooLarge},
};

absl::StatusCode CodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kTimeout:
      return absl::StatusCode::kDeadlineExceeded;
    case ErrorKind::kAuth:
      return absl::StatusCode::kUnauthenticated;
    case ErrorKind::kNoPerm:
      return absl::StatusCode::kPermissionDenied;
    case ErrorKind::kTooLarge:
      return absl::StatusCode::kResourceExhausted;
    case ErrorKind::kWrongType:
    case ErrorKind::kProtocol:
      return absl::StatusCode::kDataLoss;
    case ErrorKind::kConfig:
      return absl::StatusCode::kInvalidArgument;
    case ErrorKind::kConnect:
    case ErrorKind::kLoading:
    case ErrorKind::kReadOnly:
    case ErrorKind::kMoved:
    case ErrorKind::kServer:
      return absl::StatusCode::kUnavailable;
  }
  return absl::StatusCode::kUnknown;
}

}  // namespace

absl::Status MakeError(ErrorKind kind, std::string_view message) {
  absl::Status status(CodeOf(kind), absl::string_view(message.data(), message.size()));
  const std::string_view name = kErrorKindNames[static_cast<std::size_t>(kind)];
  status.SetPayload(kPayloadUrl, absl::Cord(absl::string_view(name.data(), name.size())));
  return status;
}

std::optional<ErrorKind> KindOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string name(*payload);
  for (std::size_t i = 0; i < kErrorKindCount; ++i) {
    if (kErrorKindNames[i] == name) return static_cast<ErrorKind>(i);
  }
  return std::nullopt;
}

ErrorKind KindOfReply(std::string_view reply_text) {
  for (const Prefix& prefix : kPrefixes) {
    if (reply_text.starts_with(prefix.text)) return prefix.kind;
  }
  return ErrorKind::kServer;
}

}  // namespace chatscale::redis
