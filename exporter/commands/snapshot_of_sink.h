// What would be sent to a sink, without sending it.
#pragma once

#include <string>

#include "exporter/config/config.h"
#include "exporter/metrics/publication.h"

namespace chatscale {

// "cloudwatch", "pushgateway" or "otlp".
bool IsSinkFormat(const std::string& format);

// cloudwatch   the request as JSON; `aws cloudwatch put-metric-data --cli-input-json` takes it
// pushgateway  the body; "# PUT" and the path come first, as a comment
// otlp         the requests, one a line
std::string SnapshotOfSink(const Config& config, const Publication& publication,
                           const std::string& format);

}  // namespace chatscale
