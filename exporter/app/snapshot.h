// `chatscale snapshot`: collect once, print.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "exporter/app/config.h"
#include "exporter/metrics/publication.h"
#include "exporter/recommendations/policy_file.h"

namespace chatscale {

// What would be sent to a sink, without sending it.

// "cloudwatch", "pushgateway" or "otlp".
bool IsSinkFormat(const std::string& format);

// cloudwatch   the request as JSON; `aws cloudwatch put-metric-data --cli-input-json` takes it
// pushgateway  the body; "# PUT" and the path come first, as a comment
// otlp         the requests, one a line
std::string SnapshotOfSink(const Config& config, const Publication& publication,
                           const std::string& format);

// `format` is keys (internal key and value, one a line, sorted), prometheus, system (the document)
// or a sink's (see snapshot_of_sink.h), with advice by `policies`. Returns the exit code: 2 when
// nothing could be collected, with the reasons on `errors`. `at` is the instant to look from;
// nullopt: now.
int PrintSnapshot(const Config& config, PolicySet policies, const std::string& format,
                  std::optional<absl::Time> at, std::ostream& out, std::ostream& errors);

}  // namespace chatscale
