// Config -> what the sinks are told.
#pragma once

#include "exporter/config/config.h"
#include "exporter/sinks/cloudwatch/cloudwatch_sink.h"
#include "exporter/sinks/otlp/otlp_sink.h"
#include "exporter/sinks/pushgateway_sink.h"

namespace chatscale {

PushgatewayOptions PushgatewayOf(const PushgatewayConfig& config);
CloudWatchOptions CloudWatchOf(const Config& config);
OtlpOptions OtlpOf(const OtlpConfig& config);

// From where there are some, in the order of AWS' own tools.
FetchAwsCredentials AwsCredentialsOf(const CloudWatchConfig& config);

}  // namespace chatscale
