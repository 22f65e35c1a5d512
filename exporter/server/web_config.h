// Web configuration: the file of --web.config.file, as Prometheus' exporter-toolkit reads it:
// https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
//
// Strict: an unknown key is an error. `http_server_config.http2` is accepted without effect (only
// HTTP/1.1 is supported); TLS 1.0 and 1.1 are refused.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/server/message.h"
#include "exporter/server/tls_server.h"

namespace chatscale {

struct RateLimit {
  absl::Duration interval;  // refill of the token bucket: one request per interval
  int burst = 0;            // size of the bucket: requests at once
  bool operator==(const RateLimit&) const = default;
};

struct WebConfig {
  std::optional<TlsServerOptions> tls;       // with the contents of the files it names
  std::map<std::string, std::string> users;  // name to bcrypt hash
  Authenticator::Headers headers;
  std::optional<RateLimit> rate_limit;
  bool operator==(const WebConfig&) const = default;
};

// kInvalidArgument: one line, "NAME:LINE: KEY: what is allowed", without any hash or key.
absl::StatusOr<WebConfig> ParseWebConfig(std::string_view text, const std::string& name);

// Reads and parses the file. Errors name it.
absl::StatusOr<WebConfig> LoadWebConfig(const std::string& path);

}  // namespace chatscale
