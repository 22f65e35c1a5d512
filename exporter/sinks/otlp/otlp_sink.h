// Samples to an OpenTelemetry collector, or to whoever else takes OTLP over HTTP.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
#pragma once

#include <string>

#include "exporter/http/http_client.h"
#include "exporter/sinks/otlp/otlp_json.h"
#include "exporter/sinks/parts.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

struct OtlpOptions {
  std::string endpoint;  // base URL; "/v1/metrics" is appended where it does not end so
  Headers headers;       // values are secret
  Attributes resource;   // service.name is chatscale unless given
  bool compress = true;
  HttpClientOptions http;
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
