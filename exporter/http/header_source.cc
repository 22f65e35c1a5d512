#include "exporter/http/header_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "exporter/core/error_kind.h"
#include "exporter/core/header_text.h"

namespace chatscale {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 10;

absl::Status Unusable(const std::string& path, const std::string& why) {
  return KindError(ErrorKind::kAuth, absl::StrCat(path, ": ", why));
}

std::string LastError() { return std::generic_category().message(errno); }

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  // O_NONBLOCK: opening a FIFO would wait for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Unusable(path, LastError());
  struct stat info {};
  absl::Status status;
  std::string text(kMaxFileBytes + 1, '\0');
  std::size_t used = 0;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    status = Unusable(path, "expected a regular file");
  }
  while (status.ok() && used < text.size()) {
    const ssize_t got = ::read(fd, text.data() + used, text.size() - used);
    if (got < 0) status = Unusable(path, LastError());
    if (got <= 0) break;
    used += static_cast<std::size_t>(got);
  }
  ::close(fd);
  if (!status.ok()) return status;
  if (used > kMaxFileBytes) {
    return Unusable(path, absl::StrCat("expected at most ", kMaxFileBytes, " bytes"));
  }
  text.resize(used);
  return text;
}

absl::StatusOr<std::string> ReadValue(const std::string& path) {
  absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (!text.ok()) return text;
  constexpr const char* kBlank = " \t\r\n";
  const std::size_t first = text->find_first_not_of(kBlank);
  if (first == std::string::npos) return Unusable(path, "the file is empty");
  std::string value = text->substr(first, text->find_last_not_of(kBlank) - first + 1);
  if (!IsHeaderValue(value)) return Unusable(path, "a control character within the value");
  return value;
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
  const absl::MutexLock lock(&mutex_);
  absl::StatusOr<std::string> value = ReadValue(options_.value_file);
  if (value.ok()) last_good_ = *value;
  if (value.ok() != usable_ && options_.on_change) options_.on_change(value.status());
  usable_ = value.ok();
  if (last_good_.empty()) return value.status();
  headers.emplace_back(options_.file_header, last_good_);
  return headers;
}

}  // namespace chatscale
