#include "exporter/sinks/textfile_sink.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "exporter/files/files.h"
#include "exporter/sinks/sink_families.h"

namespace chatscale {

absl::Status TextfileSink::Deliver(const Publication& publication, absl::Duration /*timeout*/) {
  constexpr mode_t kReadableByAll = 0644;  // the node_exporter runs as somebody else
  return ReplaceFile(path_, ChatFamilies(publication), kReadableByAll);
}

absl::Status TextfileSink::End(absl::Duration /*timeout*/) {
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return absl::UnavailableError("cannot remove " + path_ + ": " + std::strerror(errno));
}

}  // namespace chatscale
