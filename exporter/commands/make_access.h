// Who may ask the listener for what, as configured.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "exporter/config/config.h"
#include "exporter/server/access.h"

namespace chatscale {

// An error is one line that names the file or the setting. Later changes of the files are logged.
absl::StatusOr<std::unique_ptr<Access>> MakeAccess(const Config& config);

}  // namespace chatscale
