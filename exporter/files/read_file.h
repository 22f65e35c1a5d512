// Small files read as a whole: policies, lists, secrets.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace chatscale {

// At most `max_bytes`. Errors name the path and say why; kNotFound: there is none. Only regular
// files: a FIFO would wait for a writer, a folder has no content.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t max_bytes);

// A password or token: at most 64 KiB, one line end after it is dropped. Empty ones and such with
// control characters are errors. No error holds any of it.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace chatscale
