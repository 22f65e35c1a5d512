// `chatscale snapshot`: collect once, print.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "exporter/advisor/policy/policy_file.h"
#include "exporter/config/config.h"

namespace chatscale {

// `format` is keys (internal key and value, one a line, sorted), prometheus, system (the document)
// or a sink's (see snapshot_of_sink.h), with advice by `policies`. Returns the exit code: 2 when
// nothing could be collected, with the reasons on `errors`. `at` is the instant to look from;
// nullopt: now.
int PrintSnapshot(const Config& config, PolicySet policies, const std::string& format,
                  std::optional<absl::Time> at, std::ostream& out, std::ostream& errors);

}  // namespace chatscale
