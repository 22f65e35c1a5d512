// Proxy mode.
#include "exporter/config/setting_text.h"
#include "exporter/config/settings_subjects.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

using Proxy = ProxyConfig;
constexpr auto kProxy = &Config::proxy;

bool TakeHeaders(std::string_view text, Config& c) {
  const auto headers = HeadersFrom(text);
  if (headers) c.proxy.headers = *headers;
  return headers.has_value();
}

}  // namespace

std::vector<Setting> ProxySettings() {
  using Url = Field<std::string>;
  return {
      {"--proxy.ingress-url", "METRICS_INGRESS_BASE_URL",
       BaseUrl(Url([](Config& c) -> std::string& { return c.proxy.base_url.ingress; })),
       "Proxy mode: base URL of the ingress service"},
      {"--proxy.proc-url", "METRICS_PROC_BASE_URL",
       BaseUrl(Url([](Config& c) -> std::string& { return c.proxy.base_url.proc; })),
       "Proxy mode: base URL of the processor service"},
      {"--proxy.auth-header-name", "METRICS_AUTH_HEADER_NAME",
       Text({kProxy, &Proxy::header_name}, "an HTTP header name", IsHeaderName),
       "Proxy mode: header that carries the credential"},
      {"", "METRICS_AUTH_HEADER_VALUE",
       Text({kProxy, &Proxy::header_value}, "text without control characters", IsHeaderValue),
       "Proxy mode: the credential", true},
      {"--proxy.auth-header-value-file", "METRICS_AUTH_HEADER_VALUE_FILE",
       Path({kProxy, &Proxy::header_value_file}),
       "Proxy mode: file that holds the credential; read again when it changes"},
      {"",
       "METRICS_HEADERS_JSON",
       {"a JSON object of header names and values", "", TakeHeaders},
       "Proxy mode: request headers",
       true},
      {"--proxy.tls-ca-file", "METRICS_TLS_CA_FILE", Path({kProxy, &Proxy::ca_file}),
       "Proxy mode: PEM file of the authorities to trust, instead of the system's"},
      {"--proxy.tls-cert-file", "METRICS_TLS_CERT_FILE", Path({kProxy, &Proxy::client_cert_file}),
       "Proxy mode: PEM file of our client certificate"},
      {"--proxy.tls-key-file", "METRICS_TLS_KEY_FILE", Path({kProxy, &Proxy::client_key_file}),
       "Proxy mode: PEM file of its key"},
  };
}

}  // namespace chatscale
