// Small files: bounded reads, secrets, atomic replacement, appended lines.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace chatscale {

// Reads at most `max_bytes`. Errors have the path and the reason; kNotFound: the file is missing.
// Only regular files: a FIFO would wait for a writer, a folder has no content.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t max_bytes);

// Reads a password or token of at most 64 KiB; removes one line end after it. An empty one, or one
// with control characters, is an error. No error contains any of it.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// Writes all of `text`. Returns the errno of a failed write, else 0.
int WriteWhole(int fd, std::string_view text);

// Replaces a file atomically: a reader, even after a crash, sees the old or the new content. Writes
// a temporary file "<path>.XXXXXX.new", so that concurrent writers do not interfere. A crash may
// leave it: those older than an hour are removed. kUnavailable: what failed and why; the old file
// is unchanged. kFailedPrecondition: the path is a folder, a device or a pipe.
absl::Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode);

// Appends a whole line, even on a full disk; creates the file when missing. Never blocks: a pipe
// without a reader is an error. kUnavailable: what failed and why; nothing of the line remains in a
// regular file.
absl::Status AppendLine(const std::string& path, std::string_view line);

}  // namespace chatscale
