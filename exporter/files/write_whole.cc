#include "exporter/files/write_whole.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace chatscale {

int WriteWhole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

}  // namespace chatscale
