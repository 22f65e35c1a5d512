// OTLP sink: exports samples to an OpenTelemetry collector, or any receiver of OTLP over HTTP, in
// the JSON encoding. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
//
// Gauges, and counters as cumulative monotonic sums, under dotted names with UCUM units; no
// histograms. Each point carries the time at which its value held.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/http/http_client.h"
#include "exporter/metrics/exposition.h"
#include "exporter/sinks/http_outcome.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// Adds service.name "chatscale" and service.version where they are missing. Pure.
Attributes WithService(Attributes resource);

// ExportMetricsServiceRequest messages of about 1 MiB at most; none without data. `resource`: the
// resource attributes. Pure.
std::vector<std::string> OtlpRequests(const Publication& publication, const Attributes& resource);

// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
struct OtlpOptions {
  bool enabled = false;
  std::string endpoint = "http://localhost:4318";  // base URL; "/v1/metrics" is appended if missing
  Headers headers;                                 // values are secret
  Attributes resource;                             // service.name is chatscale by default
  absl::Duration timeout = absl::Seconds(10);      // of one attempt
  HttpClientOptions http = {.environment_proxy = true};
};

class OtlpSink : public Sink {
 public:
  explicit OtlpSink(OtlpOptions options);

  std::string_view name() const override { return "otlp"; }
  // A partial success is an error, with the number of rejected data points.
  absl::Status Deliver(const Publication& publication, absl::Duration timeout) override;

 private:
  absl::Status Send(const std::string& body, absl::Duration timeout);

  const OtlpOptions options_;
  const std::string url_;
  HttpClient client_;
  Parts parts_;
  absl::Status rejected_;  // partial rejection of the current export
};

}  // namespace chatscale
