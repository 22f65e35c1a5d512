#include "exporter/sinks/textfile_sink.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "exporter/core/samples.h"
#include "exporter/exposition/text_format.h"
#include "exporter/files/replace_file.h"

namespace chatscale {

absl::Status TextfileSink::Deliver(const Publication& publication, absl::Duration /*timeout*/) {
  constexpr mode_t kReadableByAll = 0644;  // the node_exporter runs as somebody else
  std::string text;
  EachFamily(*publication.view, publication.limits, Rows::kAll, [&](const SampleFamily& family) {
    if (family.row->name.starts_with("chat.")) AppendText(family, text);
  });
  return ReplaceFile(path_, text, kReadableByAll);
}

absl::Status TextfileSink::End(absl::Duration /*timeout*/) {
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return absl::UnavailableError("cannot remove " + path_ + ": " + std::strerror(errno));
}

}  // namespace chatscale
