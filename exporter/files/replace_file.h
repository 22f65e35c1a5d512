// A file that is replaced as a whole: whoever reads it, also after a crash, sees the old content or
// the new one.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace chatscale {

// Through a new file "<path>.XXXXXX.new", whoever else writes the same path. It is gone afterwards,
// but after a crash: those older than an hour are removed. kUnavailable: says what failed and why;
// the old file is as it was. kFailedPrecondition: the path is a folder, a device, a pipe.
absl::Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode);

}  // namespace chatscale
