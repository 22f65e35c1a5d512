#include "exporter/app/setting_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "exporter/http/http_client.h"
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
    return std::nullopt;  // an IPv6 address needs brackets
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

namespace {

constexpr int kHighestPort = 65535;

std::string Range(std::string_view what, double low, double high) {
  return absl::StrCat(std::string(what), " from ", NumberText(low), " to ",
                      absl::StrCat(static_cast<std::int64_t>(high)));
}

}  // namespace

SettingValue SettingValue::With(std::string_view more) const {
  SettingValue value = *this;
  value.allowed += more;
  return value;
}

SettingValue SettingValue::Default(std::string_view text) const {
  SettingValue value = *this;
  value.default_text = text;
  return value;
}

SettingValue Text(const Field<std::string>& field, std::string_view allowed,
                  bool (*is_allowed)(std::string_view)) {
  return {std::string(allowed), field.InDefault(),
          [field, is_allowed](std::string_view text, Config& config) {
            if (text.empty() || (is_allowed != nullptr && !is_allowed(text))) return false;
            field(config) = text;
            return true;
          }};
}

SettingValue Path(const Field<std::string>& field) { return Text(field, "a path"); }

SettingValue BaseUrl(const Field<std::string>& field) {
  return {"http:// or https://, a host and a port other than 0, without user, query or fragment",
          field.InDefault(), [field](std::string_view text, Config& config) {
            const auto url = BaseUrlFrom(text);
            if (url) field(config) = *url;
            return url.has_value();
          }};
}

SettingValue OneOf(const Field<std::string>& field, std::initializer_list<std::string_view> words) {
  const std::vector<std::string> allowed(words.begin(), words.end());
  const std::string all_but_last = absl::StrJoin(allowed.begin(), allowed.end() - 1, ", ");
  return {absl::StrCat(all_but_last, " or ", allowed.back()), field.InDefault(),
          [field, allowed](std::string_view text, Config& config) {
            if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) return false;
            field(config) = text;
            return true;
          }};
}

SettingValue Flag(const Field<bool>& field) {
  return {"0 or 1", field.InDefault() ? "1" : "0", [field](std::string_view text, Config& config) {
            const auto flag = FlagFrom(text);
            if (flag) field(config) = *flag;
            return flag.has_value();
          }};
}

SettingValue Seconds(const Field<absl::Duration>& field, absl::Duration low, absl::Duration high) {
  return {Range("seconds", absl::ToDoubleSeconds(low), absl::ToDoubleSeconds(high)),
          NumberText(absl::ToDoubleSeconds(field.InDefault())),
          [field, low, high](std::string_view text, Config& config) {
            const auto value = DurationFrom(text);
            if (!value || *value < low || *value > high) return false;
            field(config) = *value;
            return true;
          }};
}

SettingValue Port(const Field<int>& field, int low) {
  return {Range("a port", low, kHighestPort), absl::StrCat(field.InDefault()),
          [field, low](std::string_view text, Config& config) {
            const auto port = WholeNumberFrom(text);
            if (!port || *port < low || *port > kHighestPort) return false;
            field(config) = static_cast<int>(*port);
            return true;
          }};
}

SettingValue Number(const Field<double>& field, double low, double high) {
  return {Range("a number", low, high), NumberText(field.InDefault()),
          [field, low, high](std::string_view text, Config& config) {
            const auto value = NumberFrom(text);
            if (!value || *value < low || *value > high) return false;
            field(config) = *value;
            return true;
          }};
}

SettingValue WholeNumber(const Field<std::uint64_t>& field) {
  return {"a whole number from 0 up", absl::StrCat(field.InDefault()),
          [field](std::string_view text, Config& config) {
            const auto value = WholeNumberFrom(text);
            if (!value || *value < 0) return false;
            field(config) = static_cast<std::uint64_t>(*value);
            return true;
          }};
}

SettingValue WholeNumber(const Field<std::optional<double>>& field, std::int64_t low,
                         std::int64_t high) {
  return {Range("a whole number", static_cast<double>(low), static_cast<double>(high)), "",
          [field, low, high](std::string_view text, Config& config) {
            const auto value = WholeNumberFrom(text);
            if (!value || *value < low || *value > high) return false;
            field(config) = static_cast<double>(*value);
            return true;
          }};
}

}  // namespace chatscale
