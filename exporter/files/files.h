// Small files as a whole: read within a bound, secrets, replaced, lines appended.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace chatscale {

// At most `max_bytes`. Errors name the path and say why; kNotFound: there is none. Only regular
// files: a FIFO would wait for a writer, a folder has no content.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t max_bytes);

// A password or token: at most 64 KiB, one line end after it is dropped. Empty ones and such with
// control characters are errors. No error holds any of it.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// All of it. The errno of the write that failed, 0 when none did.
int WriteWhole(int fd, std::string_view text);

// A file that is replaced as a whole: whoever reads it, also after a crash, sees the old content or
// the new one.

// Through a new file "<path>.XXXXXX.new", whoever else writes the same path. It is gone afterwards,
// but after a crash: those older than an hour are removed. kUnavailable: says what failed and why;
// the old file is as it was. kFailedPrecondition: the path is a folder, a device, a pipe.
absl::Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode);

// A file of lines that grows at its end: whole lines, however full the disk.

// Creates the file where there is none. Never waits: a pipe that nobody reads is an error.
// kUnavailable: says what failed and why; of a regular file nothing of the line remains.
absl::Status AppendLine(const std::string& path, std::string_view line);

}  // namespace chatscale
