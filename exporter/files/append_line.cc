#include "exporter/files/append_line.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "exporter/files/write_whole.h"

namespace chatscale {
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
  // What was written of it would spoil the next line.
  if (error != 0 && regular && ::ftruncate(fd, before.st_size) != 0) error = errno;
  ::close(fd);
  return error == 0 ? absl::OkStatus() : Failed(path, error);
}

}  // namespace chatscale
