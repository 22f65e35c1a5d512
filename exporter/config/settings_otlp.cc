// OpenTelemetry's protocol.
#include "exporter/config/setting_text.h"
#include "exporter/config/settings_subjects.h"

namespace chatscale {
namespace {

using Otlp = OtlpConfig;
constexpr auto kOtlp = &Config::otlp;

bool TakeOtlpHeaders(std::string_view text, Config& c) {
  const auto headers = HeadersFrom(text);
  if (headers) c.otlp.headers = *headers;
  return headers.has_value();
}

bool TakeResource(std::string_view text, Config& c) {
  auto attributes = TextMapFrom(text);
  if (!attributes) return false;
  for (const auto& [name, value] : *attributes) {
    if (name.empty()) return false;
  }
  c.otlp.resource = *std::move(attributes);
  return true;
}

}  // namespace

std::vector<Setting> OtlpSettings() {
  return {
      {"--otlp.enabled", "METRICS_EXPORT_OTLP", Flag({kOtlp, &Otlp::enabled}),
       "Export over OTLP/HTTP, in JSON"},
      {"--otlp.endpoint", "METRICS_OTLP_ENDPOINT", BaseUrl({kOtlp, &Otlp::endpoint}),
       "OTLP: base URL; /v1/metrics is appended"},
      {"",
       "METRICS_OTLP_HEADERS_JSON",
       {"a JSON object of header names and values", "", TakeOtlpHeaders},
       "OTLP: request headers",
       true},
      {"--otlp.timeout", "METRICS_OTLP_TIMEOUT_SEC",
       Seconds({kOtlp, &Otlp::timeout}, absl::Milliseconds(100), absl::Minutes(5)),
       "OTLP: total time one try may take"},
      {"--otlp.compression", "METRICS_OTLP_COMPRESSION",
       OneOf({kOtlp, &Otlp::compression}, {"none", "gzip"}), "OTLP: compression of requests"},
      {"--otlp.resource",
       "METRICS_OTLP_RESOURCE_ATTRIBUTES_JSON",
       {"a JSON object of names and values", "", TakeResource},
       "OTLP: attributes of the resource; service.name is chatscale unless given"},
      {"--otlp.tls-ca-file", "METRICS_OTLP_CA_FILE", Path({kOtlp, &Otlp::ca_file}),
       "OTLP: PEM file of the authorities to trust, instead of the system's"},
  };
}

}  // namespace chatscale
