#include "exporter/files/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace chatscale {
namespace {

absl::Status TooLarge(const std::string& path, std::size_t max_bytes) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": larger than ", max_bytes, " bytes"));
}

// Until its end, or one byte more than allowed.
absl::Status ReadInto(int fd, const std::string& path, std::size_t max_bytes, std::string& text) {
  constexpr std::size_t kBlock = 64 << 10;
  while (text.size() <= max_bytes) {
    const std::size_t used = text.size();
    text.resize(std::min(used + kBlock, max_bytes + 1));
    const ssize_t got = ::read(fd, text.data() + used, text.size() - used);
    text.resize(used + static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    if (got == 0) return absl::OkStatus();
  }
  return TooLarge(path, max_bytes);
}

bool ConsumeEnd(std::string_view end, std::string& text) {
  if (!text.ends_with(end)) return false;
  text.resize(text.size() - end.size());
  return true;
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t max_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  struct stat info {};
  absl::Status status;
  std::string text;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    status = absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": no regular file"));
  } else if (info.st_size > 0 && static_cast<std::size_t>(info.st_size) > max_bytes) {
    status = TooLarge(path, max_bytes);
  } else {
    status = ReadInto(fd, path, max_bytes, text);
  }
  ::close(fd);
  if (!status.ok()) return status;
  return text;
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  constexpr std::size_t kMaxBytes = 64 << 10;
  absl::StatusOr<std::string> text = ReadWholeFile(path, kMaxBytes);
  if (!text.ok()) return text;
  if (!ConsumeEnd("\r\n", *text)) ConsumeEnd("\n", *text);
  if (text->empty()) return absl::InvalidArgumentError(path + ": the file is empty");
  if (std::any_of(text->begin(), text->end(), absl::ascii_iscntrl)) {
    return absl::InvalidArgumentError(path + ": a control character within the value");
  }
  return text;
}

}  // namespace chatscale
