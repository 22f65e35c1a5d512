// Proxy mode: the two services' own `/monitoring/system`, fetched side by side.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "exporter/http/http_client.h"
#include "exporter/model/reading.h"
#include "exporter/model/target.h"

namespace chatscale {

struct ProxySourceOptions {
  PerService<std::string> base_url;  // "/monitoring/system" is appended; empty: none
  std::string header_name;
  std::string header_value;  // secret
  std::string header_value_file;
  std::vector<std::pair<std::string, std::string>> headers;  // values are secret
  HttpClientOptions http;
};

// Parts are "ingress" and "proc", those whose base URL is set.
// Each has the errors of HttpClient::Send, or kAuth while the value file was never usable, or
// kParse or kSchema; one part's failure leaves the other alone. Both are sent the same headers.
// `on_credential_change` is told once when the value file turns unusable and once, with OK, when it
// is usable again; from either fetching thread.
// A Take waits for `longest_wait` at most: what hangs longer is told by a later one.
std::unique_ptr<SnapshotSource> MakeProxySource(
    const ProxySourceOptions& options, const Target& target, absl::Duration longest_wait,
    std::function<void(const absl::Status&)> on_credential_change = nullptr);

}  // namespace chatscale
