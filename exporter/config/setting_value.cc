#include "exporter/config/setting_value.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/config/setting_text.h"
#include "exporter/model/text.h"

namespace chatscale {
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
  return {"http:// or https:// and a host, without user, query or fragment", field.InDefault(),
          [field](std::string_view text, Config& config) {
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
