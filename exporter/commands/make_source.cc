#include "exporter/commands/make_source.h"

#include "exporter/log/log.h"
#include "exporter/sources/proxy_source.h"

namespace chatscale {
namespace {

void LogCredentialChange(const absl::Status& status) {
  if (status.ok()) {
    Log(LogLevel::kInfo, "credential file usable again");
  } else {
    Log(LogLevel::kWarning, "credential file not usable; keeping the last good value",
        {{"error", std::string(status.message())}});
  }
}

std::unique_ptr<SnapshotSource> ProxySource(const Config& config) {
  const ProxyConfig& proxy = config.proxy;
  ProxySourceOptions options;
  options.target = {config.tenant, config.project};
  options.ingress_base_url = proxy.ingress_base_url;
  options.proc_base_url = proxy.proc_base_url;
  options.headers = proxy.headers;
  if (!proxy.header_value.empty()) {
    options.headers.emplace_back(proxy.header_name, proxy.header_value);
  } else {
    options.file_header = proxy.header_name;
    options.header_value_file = proxy.header_value_file;
  }
  options.ca_file = proxy.ca_file;
  options.client_cert_file = proxy.client_cert_file;
  options.client_key_file = proxy.client_key_file;
  options.on_credential_change = LogCredentialChange;
  return MakeProxySource(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotSource>> MakeSource(const Config& config) {
  switch (config.mode) {
    case Mode::kProxy:
      return ProxySource(config);
    case Mode::kDemo:
    case Mode::kRedis:
      break;
  }
  return absl::UnimplementedError(
      "METRICS_MODE=\"redis\": expected proxy or demo; this version does not read Redis yet");
}

}  // namespace chatscale
