#include "exporter/config/setting_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

constexpr int kMaxPort = 65535;

template <typename T>
std::optional<T> Whole(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> NumberFrom(std::string_view text) {
  const auto value = Whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<std::int64_t> WholeNumberFrom(std::string_view text) {
  return Whole<std::int64_t>(text);
}

std::optional<absl::Duration> DurationFrom(std::string_view text) {
  if (const auto seconds = NumberFrom(text)) return absl::Seconds(*seconds);
  absl::Duration duration;
  if (!absl::ParseDuration(absl::string_view(text.data(), text.size()), &duration) ||
      duration == absl::InfiniteDuration() || duration == -absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return duration;
}

std::optional<HostPort> HostPortFrom(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address needs its brackets
  }
  const auto port = Whole<int>(text.substr(colon + 1));
  if (!port || *port < 0 || *port > kMaxPort) return std::nullopt;
  return HostPort{std::string(host), *port};
}

std::optional<std::vector<std::pair<std::string, std::string>>> TextMapFrom(std::string_view json) {
  const auto object = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> map;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) {
      map.emplace_back(key, value.get<std::string>());
    } else if (value.is_number() || value.is_boolean()) {
      map.emplace_back(key, value.dump());
    } else {
      return std::nullopt;
    }
  }
  return map;
}

std::optional<std::vector<std::pair<std::string, std::string>>> HeadersFrom(std::string_view text) {
  auto headers = TextMapFrom(text);
  if (!headers) return std::nullopt;
  for (const auto& [name, value] : *headers) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) return std::nullopt;
  }
  return headers;
}

std::optional<bool> FlagFrom(std::string_view text) {
  std::string lower(text);
  absl::AsciiStrToLower(&lower);
  for (const char* yes : {"1", "true", "yes", "on"}) {
    if (lower == yes) return true;
  }
  for (const char* no : {"0", "false", "no", "off"}) {
    if (lower == no) return false;
  }
  return std::nullopt;
}

std::optional<std::vector<Target>> TargetsFrom(std::string_view json) {
  constexpr std::size_t kMaxTargets = 5000;
  const auto list = nlohmann::json::parse(json, nullptr, false);
  if (!list.is_array() || list.empty() || list.size() > kMaxTargets) return std::nullopt;
  std::set<Target> targets;
  for (const auto& item : list) {
    if (!item.is_object()) return std::nullopt;
    const auto tenant = item.find("tenant");
    const auto project = item.find("project");
    if (tenant == item.end() || project == item.end() || !tenant->is_string() ||
        !project->is_string()) {
      return std::nullopt;
    }
    Target target{tenant->get<std::string>(), project->get<std::string>()};
    if (target.tenant.empty() || target.project.empty()) return std::nullopt;
    if (!targets.insert(std::move(target)).second) return std::nullopt;
  }
  return std::vector<Target>(targets.begin(), targets.end());
}

std::optional<std::string> BaseUrlFrom(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(0, scheme);
  if (name != "http" && name != "https") return std::nullopt;
  const std::string_view rest = text.substr(scheme + 3);
  if (rest.empty() || rest.front() == '/' || rest.find_first_of("@?# \t\r\n") != rest.npos) {
    return std::nullopt;
  }
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  return std::string(text);
}

std::optional<std::string> BaseUrlWithUserFrom(std::string_view text) {
  const auto scheme = text.find("://");
  const auto at = text.rfind('@');
  if (scheme == text.npos || at == text.npos) return BaseUrlFrom(text);
  const std::string_view user = text.substr(scheme + 3, at - scheme - 3);
  if (user.empty() || user.find_first_of("/?#@ \t\r\n") != user.npos) return std::nullopt;
  const auto rest =
      BaseUrlFrom(std::string(text.substr(0, scheme + 3)) + std::string(text.substr(at + 1)));
  if (!rest) return std::nullopt;
  return rest->substr(0, scheme + 3) + std::string(user) + "@" + rest->substr(scheme + 3);
}

bool IsLabelName(std::string_view text) {
  const auto letter = [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
  };
  const auto letter_or_digit = [&](char c) {
    return letter(c) || absl::ascii_isdigit(static_cast<unsigned char>(c));
  };
  return !text.empty() && letter(text.front()) && !text.starts_with("__") &&
         std::ranges::all_of(text, letter_or_digit);
}

}  // namespace chatscale
