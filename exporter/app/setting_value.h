// Setting values: type, bounds and default of a setting, and the help text derived from them.
//
//   Seconds(&Config::scrape_ttl, absl::ZeroDuration(), absl::Hours(1))
//     allowed       "seconds from 0 to 3600"
//     default_text  "10", from Config
//     take          parses the text and sets Config::scrape_ttl, if within the bounds
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "exporter/app/config.h"
#include "exporter/model/target.h"

namespace chatscale {

// Parsers of flags and variables. Pure; nullopt: not of that form.
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

// A JSON object of strings, numbers or booleans, as {name, text}.
std::optional<std::vector<std::pair<std::string, std::string>>> TextMapFrom(std::string_view json);

// The same for HTTP header names and values.
std::optional<std::vector<std::pair<std::string, std::string>>> HeadersFrom(std::string_view json);

// "1", "true", "yes", "on" and their opposites, in any case.
std::optional<bool> FlagFrom(std::string_view text);

// A JSON list of 1 to 5,000 distinct {"tenant", "project"}, none empty.
std::optional<std::vector<Target>> TargetsFrom(std::string_view json);

// A Prometheus label name, except the reserved ones ("__name").
bool IsLabelName(std::string_view text);

struct SettingValue {
  std::string allowed;       // completes "expected ..."
  std::string default_text;  // "": none
  // Stores the parsed `text` in `config`; false when it is not allowed.
  std::function<bool(std::string_view text, Config& config)> take;

  // Extends `allowed`: "seconds from 1 to 86400, not less than the interval".
  SettingValue With(std::string_view more) const;
  SettingValue Default(std::string_view text) const;
};

// A member of Config of type T, possibly nested.
template <typename T>
class Field {
 public:
  Field(T Config::*member)  // NOLINT(google-explicit-constructor): reads like the member
      : get_([member](Config& c) -> T& { return c.*member; }) {}
  template <typename Part>
  Field(Part Config::*part, T Part::*member)
      : get_([part, member](Config& c) -> T& { return c.*part.*member; }) {}
  template <typename Part, typename Inner>
  Field(Part Config::*part, Inner Part::*inner, T Inner::*member)
      : get_([part, inner, member](Config& c) -> T& { return c.*part.*inner.*member; }) {}
  explicit Field(T& (*get)(Config&)) : get_(get) {}

  T& operator()(Config& config) const { return get_(config); }
  T InDefault() const {
    Config config;
    return get_(config);
  }

 private:
  std::function<T&(Config&)> get_;
};

// Non-empty text that `is_allowed` accepts.
SettingValue Text(const Field<std::string>& field, std::string_view allowed = "text",
                  bool (*is_allowed)(std::string_view) = nullptr);
SettingValue Path(const Field<std::string>& field);
SettingValue BaseUrl(const Field<std::string>& field);
SettingValue OneOf(const Field<std::string>& field, std::initializer_list<std::string_view> words);
SettingValue Flag(const Field<bool>& field);
SettingValue Seconds(const Field<absl::Duration>& field, absl::Duration low, absl::Duration high);
SettingValue Port(const Field<int>& field, int low);
SettingValue Number(const Field<double>& field, double low, double high);
SettingValue WholeNumber(const Field<std::uint64_t>& field);
SettingValue WholeNumber(const Field<std::optional<double>>& field, std::int64_t low,
                         std::int64_t high);

}  // namespace chatscale
