// Samples as OTLP has them, in its JSON encoding. Pure.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
//
// Gauges, and counters as cumulative monotonic sums, under their dotted names with UCUM units; of
// histograms nothing. Each with the time its value was true.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/http/http_client.h"
#include "exporter/metrics/publication.h"
#include "exporter/sinks/http_outcome.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// With service.name chatscale and our version, unless they are given.
Attributes WithService(Attributes resource);

// ExportMetricsServiceRequest messages of at most about a mebibyte: none where there is nothing to
// say. `resource` describes who says it.
std::vector<std::string> OtlpRequests(const Publication& publication, const Attributes& resource);

// Samples to an OpenTelemetry collector, or to whoever else takes OTLP over HTTP.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp

struct OtlpOptions {
  bool enabled = false;
  std::string endpoint =
      "http://localhost:4318";  // base URL; "/v1/metrics" is appended where it does not end so
  Headers headers;              // values are secret
  Attributes resource;          // service.name is chatscale unless given
  absl::Duration timeout = absl::Seconds(10);  // of one try
  HttpClientOptions http = {.environment_proxy = true};
};

class OtlpSink : public Sink {
 public:
  explicit OtlpSink(OtlpOptions options);

  std::string_view name() const override { return "otlp"; }
  // What the receiver took in part is an error: it says how many data points it rejected.
  absl::Status Deliver(const Publication& publication, absl::Duration timeout) override;

 private:
  absl::Status Send(const std::string& body, absl::Duration timeout);

  const OtlpOptions options_;
  const std::string url_;
  HttpClient client_;
  Parts parts_;
  absl::Status rejected_;  // by the delivery under way, in part
};

}  // namespace chatscale
