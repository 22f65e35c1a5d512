// What a setting may be: bounds and default stand once, and the words for them are made from them.
//
//   Seconds(&Config::scrape_ttl, absl::ZeroDuration(), absl::Hours(1))
//     allowed       "seconds from 0 to 3600"
//     default_text  "10", as Config says
//     take          text -> Config::scrape_ttl, when it is within
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "exporter/config/config.h"

namespace chatscale {

struct SettingValue {
  std::string allowed;       // completes "expected ..."
  std::string default_text;  // "": none
  // Takes `text` into `config`; false when it is not what is allowed.
  std::function<bool(std::string_view text, Config& config)> take;

  // The same with more said of it: "seconds from 1 to 86400, not less than the interval".
  SettingValue With(std::string_view more) const;
  SettingValue Default(std::string_view text) const;
};

// Where in Config a value of type T is kept.
template <typename T>
class Field {
 public:
  Field(T Config::*member)  // NOLINT(google-explicit-constructor): reads like the member
      : get_([member](Config& c) -> T& { return c.*member; }) {}
  template <typename Part>
  Field(Part Config::*part, T Part::*member)
      : get_([part, member](Config& c) -> T& { return c.*part.*member; }) {}
  explicit Field(T& (*get)(Config&)) : get_(get) {}

  T& operator()(Config& config) const { return get_(config); }
  T InDefault() const {
    Config config;
    return get_(config);
  }

 private:
  std::function<T&(Config&)> get_;
};

// Text that is not empty, and that `is_allowed` accepts.
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
