#include "exporter/http/header_source.h"

#include <cstddef>
#include <mutex>
#include <string_view>

#include "exporter/files/read_file.h"
#include "exporter/model/error_kind.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

absl::Status Unusable(std::string_view why) { return KindError(ErrorKind::kAuth, why); }

// Blanks around a field value are none of it (RFC 9110, 5.5).
absl::StatusOr<std::string> ReadValue(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadSecretFile(path);
  if (!text.ok()) return Unusable(std::string(text.status().message()));
  const std::size_t first = text->find_first_not_of(" \t");
  if (first == std::string::npos) return Unusable(path + ": the file is empty");
  return text->substr(first, text->find_last_not_of(" \t") - first + 1);
}

}  // namespace

absl::StatusOr<Headers> HeaderSource::Next() {
  for (const auto& [name, value] : options_.fixed) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) {
      return KindError(ErrorKind::kInternal, "a request header that cannot be sent");
    }
  }
  Headers headers = options_.fixed;
  if (options_.file_header.empty()) return headers;
  if (!IsHeaderName(options_.file_header)) {
    return KindError(ErrorKind::kInternal, "a request header that cannot be sent");
  }
  const std::lock_guard lock(mutex_);
  absl::StatusOr<std::string> value = ReadValue(options_.value_file);
  if (value.ok()) last_good_ = *value;
  if (value.ok() != usable_ && options_.on_change) options_.on_change(value.status());
  usable_ = value.ok();
  if (last_good_.empty()) return value.status();
  headers.emplace_back(options_.file_header, last_good_);
  return headers;
}

}  // namespace chatscale
