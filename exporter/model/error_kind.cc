#include "exporter/model/error_kind.h"

#include <array>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace chatscale {
namespace {

constexpr absl::string_view kPayloadUrl = "chatscale/error-kind";
constexpr absl::string_view kHttpStatusUrl = "chatscale/http-status";

struct KindRow {
  ErrorKind kind;
  std::string_view name;
  absl::StatusCode code;
};

constexpr std::array kKinds = {
    KindRow{ErrorKind::kConnect, "connect", absl::StatusCode::kUnavailable},
    KindRow{ErrorKind::kTimeout, "timeout", absl::StatusCode::kDeadlineExceeded},
    KindRow{ErrorKind::kAuth, "auth", absl::StatusCode::kUnauthenticated},
    KindRow{ErrorKind::kHttp, "http", absl::StatusCode::kUnavailable},
    KindRow{ErrorKind::kTls, "tls", absl::StatusCode::kUnavailable},
    KindRow{ErrorKind::kTruncated, "truncated", absl::StatusCode::kDataLoss},
    KindRow{ErrorKind::kTooLarge, "too_large", absl::StatusCode::kResourceExhausted},
    KindRow{ErrorKind::kProtocol, "protocol", absl::StatusCode::kDataLoss},
    KindRow{ErrorKind::kParse, "parse", absl::StatusCode::kDataLoss},
    KindRow{ErrorKind::kSchema, "schema", absl::StatusCode::kDataLoss},
    KindRow{ErrorKind::kPermission, "permission", absl::StatusCode::kPermissionDenied},
    KindRow{ErrorKind::kLoading, "loading", absl::StatusCode::kUnavailable},
    KindRow{ErrorKind::kReadOnly, "readonly", absl::StatusCode::kFailedPrecondition},
    KindRow{ErrorKind::kMoved, "moved", absl::StatusCode::kFailedPrecondition},
    KindRow{ErrorKind::kWrongType, "wrong_type", absl::StatusCode::kDataLoss},
    KindRow{ErrorKind::kNotFound, "not_found", absl::StatusCode::kNotFound},
    KindRow{ErrorKind::kFrozen, "frozen", absl::StatusCode::kUnavailable},
    KindRow{ErrorKind::kInternal, "internal", absl::StatusCode::kInternal},
};

const KindRow& RowOf(ErrorKind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row;
  }
  return kKinds.back();
}

}  // namespace

std::string_view ErrorKindName(ErrorKind kind) { return RowOf(kind).name; }

absl::Status KindError(ErrorKind kind, std::string_view message) {
  const KindRow& row = RowOf(kind);
  absl::Status status(row.code, absl::string_view(message.data(), message.size()));
  status.SetPayload(kPayloadUrl, absl::Cord(absl::string_view(row.name.data(), row.name.size())));
  return status;
}

ErrorKind KindOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload) return ErrorKind::kInternal;
  for (const KindRow& row : kKinds) {
    if (*payload == absl::string_view(row.name.data(), row.name.size())) return row.kind;
  }
  return ErrorKind::kInternal;
}

void SetHttpStatus(int http_status, absl::Status& status) {
  status.SetPayload(kHttpStatusUrl, absl::Cord(absl::StrCat(http_status)));
}

std::optional<int> HttpStatusOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kHttpStatusUrl);
  int http_status = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &http_status)) return std::nullopt;
  return http_status;
}

}  // namespace chatscale
