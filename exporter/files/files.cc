#include "exporter/files/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace chatscale {

namespace {

absl::Status TooLarge(const std::string& path, std::size_t max_bytes) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": larger than ", max_bytes, " bytes"));
}

// Reads until the end, or one byte more than allowed.
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

int WriteWhole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRandom = "XXXXXX", kNew = ".new";

absl::Status Failed(const std::string& what, const std::string& path) {
  return absl::UnavailableError(what + " " + path + ": " + std::strerror(errno));
}

absl::Status WriteToDisk(int fd, std::string_view content, const std::string& path) {
  errno = WriteWhole(fd, content);
  if (errno != 0) return Failed("cannot write", path);
  // Before the rename: else a crash could leave the name with neither the old nor the new content.
  return ::fsync(fd) == 0 ? absl::OkStatus() : Failed("cannot sync", path);
}

// False for a device, a pipe or a folder: the rename would replace a device as well.
bool MayBeReplaced(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return true;  // a fault is reported by the next step
  return S_ISREG(info.st_mode) || S_ISLNK(info.st_mode);
}

void RemoveLeftOver(const fs::path& path) {
  const std::string ours = path.filename().string() + ".";
  std::error_code error;
  for (fs::directory_iterator entry(path.has_parent_path() ? path.parent_path() : ".", error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.size() != ours.size() + kRandom.size() + kNew.size() || !name.starts_with(ours) ||
        !name.ends_with(kNew)) {
      continue;
    }
    const auto written = entry->last_write_time(error);
    if (!error && fs::file_time_type::clock::now() - written > std::chrono::hours(1)) {
      fs::remove(entry->path(), error);
    }
  }
}

// Makes the rename durable.
void SyncFolder(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

absl::Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode) {
  if (!MayBeReplaced(path)) {
    return absl::FailedPreconditionError("cannot replace " + path + ": no regular file");
  }
  RemoveLeftOver(path);
  std::string fresh = path + "." + std::string(kRandom) + std::string(kNew);
  const int fd = ::mkostemps(fresh.data(), static_cast<int>(kNew.size()), O_CLOEXEC);
  if (fd < 0) return Failed("cannot create", fresh);
  absl::Status written = ::fchmod(fd, mode) == 0 ? WriteToDisk(fd, content, fresh)
                                                 : Failed("cannot set the mode of", fresh);
  if (::close(fd) != 0 && written.ok()) written = Failed("cannot close", fresh);
  if (written.ok() && ::rename(fresh.c_str(), path.c_str()) != 0) {
    written = Failed("cannot replace", path);
  }
  if (!written.ok()) {
    ::unlink(fresh.c_str());
    return written;
  }
  SyncFolder(path);
  return absl::OkStatus();
}

namespace {

absl::Status Failed(const std::string& path, int error) {
  return absl::UnavailableError("cannot append to " + path + ": " + std::strerror(error));
}

}  // namespace

absl::Status AppendLine(const std::string& path, std::string_view line) {
  constexpr mode_t kAsTheUmaskHasIt = 0666;
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK,
                        kAsTheUmaskHasIt);
  if (fd < 0) return Failed(path, errno);
  struct stat before {};
  const bool regular = ::fstat(fd, &before) == 0 && S_ISREG(before.st_mode);
  int error = WriteWhole(fd, std::string(line) + '\n');
  // Truncates: a partial line would corrupt the next one.
  if (error != 0 && regular && ::ftruncate(fd, before.st_size) != 0) error = errno;
  ::close(fd);
  return error == 0 ? absl::OkStatus() : Failed(path, error);
}

}  // namespace chatscale
