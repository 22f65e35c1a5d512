// A file of lines that grows at its end: whole lines, however full the disk.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace chatscale {

// Creates the file where there is none. Never waits: a pipe that nobody reads is an error.
// kUnavailable: says what failed and why; of a regular file nothing of the line remains.
absl::Status AppendLine(const std::string& path, std::string_view line);

}  // namespace chatscale
