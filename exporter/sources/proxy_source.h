// Source of proxy mode: fetches `/monitoring/system` of the two services concurrently.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "exporter/http/http_client.h"
#include "exporter/model/source.h"
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

// Parts are "ingress" and "proc", those whose base URL is set; both are sent the same headers.
// Errors of each part: those of HttpClient::Send, kAuth while the value file was never usable,
// kParse, kSchema; they do not affect the other part.
// The callback `on_credential_change` is called once when the value file becomes unusable and once,
// with OK, when it is usable again; on either fetching thread.
// A Collect waits at most `longest_wait`; a later response is in the sample of a later one.
std::unique_ptr<SnapshotSource> MakeProxySource(
    const ProxySourceOptions& options, const Target& target, absl::Duration longest_wait,
    std::function<void(const absl::Status&)> on_credential_change = nullptr);

}  // namespace chatscale
