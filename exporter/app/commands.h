// Commands that end by themselves: snapshot, one-shot export, check, replay, healthcheck.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "exporter/app/config.h"
#include "exporter/recommendations/policy_file.h"
#include "exporter/recommendations/replay.h"

namespace chatscale {

// `chatscale snapshot`: collects once and prints. `format`: keys (internal key and value, one per
// line, sorted), prometheus, system (the document), or a sink's, which includes recommendations by
// `policies`. `at`: the instant to evaluate; nullopt: now. Returns the exit code: 2 when nothing
// could be collected, with the reasons on `errors`.
int PrintSnapshot(const Config& config, PolicySet policies, const std::string& format,
                  std::optional<absl::Time> at, std::ostream& out, std::ostream& errors);

// One-shot mode, METRICS_RUN_ONCE: for jobs that an external scheduler starts.

// Collects, recommends and exports once. Returns 0; kFailed when a sink failed; kUsage when nothing
// was collected, as the upstream's metrics service does. Results are logged.
int RunOnce(const Config& config, PolicySet policies);

// Offline commands, which connect to nothing but chatscale itself: check, replay, healthcheck.

// `chatscale check`: whether `serve` would start. Prints the effective policy with its overrides;
// errors go to `errors`. Returns the exit code: 0, or 2 where `serve` would refuse to start.
int Check(const Config& config, const PolicySet& policies,
          const std::vector<std::string>& ignored_variables, std::ostream& out,
          std::ostream& errors);

// `chatscale replay`. `file` "-" is standard input. Results go to standard output, errors to
// standard error. Returns the exit code.
int ReplayFile(const PolicySet& policies, const std::string& file, const ReplayOptions& options);

// `chatscale healthcheck`: requests /-/healthy from the server of this configuration, for
// containers without an HTTP client. Returns the exit code: 0, or 1 with the reason on `errors`.
int CheckHealth(const Config& config, std::ostream& errors);

}  // namespace chatscale
