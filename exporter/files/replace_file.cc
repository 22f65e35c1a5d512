#include "exporter/files/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace chatscale {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(const std::string& what, const std::string& path) {
  return absl::UnavailableError(what + " " + path + ": " + std::strerror(errno));
}

absl::Status WriteWhole(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Failed("cannot write", path);
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  // Before the rename: a name that points to data not yet on the disk would be neither old nor new.
  return ::fsync(fd) == 0 ? absl::OkStatus() : Failed("cannot sync", path);
}

// Makes the rename itself last.
void SyncFolder(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

absl::Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return Failed("cannot create", fresh);
  absl::Status written = WriteWhole(fd, content, fresh);
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

}  // namespace chatscale
