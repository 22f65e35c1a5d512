// Text of a flag or variable -> value. Pure; false or nullopt when the text is not of the form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "exporter/model/target.h"

namespace chatscale {

std::optional<double> NumberFrom(std::string_view text);
std::optional<std::int64_t> WholeNumberFrom(std::string_view text);

// "15" (seconds), "2.5", "15s", "1m30s".
std::optional<absl::Duration> DurationFrom(std::string_view text);

// "host:port", ":port" or "[::1]:port".
struct HostPort {
  std::string host;  // empty for ":port"
  int port = 0;
};
std::optional<HostPort> HostPortFrom(std::string_view text);

// A JSON object whose values are all text, numbers or booleans, as {name, text}.
std::optional<std::vector<std::pair<std::string, std::string>>> TextMapFrom(std::string_view json);

// The same, of HTTP header names and values.
std::optional<std::vector<std::pair<std::string, std::string>>> HeadersFrom(std::string_view json);

// "1", "true", "yes", "on" and their opposites, in any case.
std::optional<bool> FlagFrom(std::string_view text);

// A JSON list of {"tenant", "project"}, at most 5,000, none empty, none twice.
std::optional<std::vector<Target>> TargetsFrom(std::string_view json);

// http:// or https:// with a host, no user info, query or fragment; a trailing slash is cut off.
std::optional<std::string> BaseUrlFrom(std::string_view text);
// The same where "user:password@" may stand before the host.
std::optional<std::string> BaseUrlWithUserFrom(std::string_view text);

// What Prometheus takes as the name of a label, without those it keeps for itself ("__name").
bool IsLabelName(std::string_view text);

}  // namespace chatscale
