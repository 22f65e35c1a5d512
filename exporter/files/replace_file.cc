#include "exporter/files/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "exporter/files/write_whole.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRandom = "XXXXXX", kNew = ".new";

absl::Status Failed(const std::string& what, const std::string& path) {
  return absl::UnavailableError(what + " " + path + ": " + std::strerror(errno));
}

absl::Status WriteToDisk(int fd, std::string_view content, const std::string& path) {
  errno = WriteWhole(fd, content);
  if (errno != 0) return Failed("cannot write", path);
  // Before the rename: a name that points to data not yet on the disk would be neither old nor new.
  return ::fsync(fd) == 0 ? absl::OkStatus() : Failed("cannot sync", path);
}

// The rename would put a file in the place of a device as well.
bool MayBeReplaced(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return true;  // what is wrong shows later
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

}  // namespace chatscale
