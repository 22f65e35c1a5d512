// Names of what is published. What a mapping means is checked where all names are known (check.cc).
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "exporter/config/settings_subjects.h"

namespace chatscale {
namespace {

using Json = nlohmann::ordered_json;

bool TakeNaming(std::string_view text, Config& c) {
  if (text != "chat" && text != "kdcube") return false;
  c.naming = text == "chat" ? NameScheme::kChat : NameScheme::kKdcube;
  return true;
}

// {"name" or its other words, "unit"}; a unit that is null is none.
std::optional<MappedName> ObjectEntry(const std::string& key, const Json& object) {
  constexpr std::array<std::string_view, 3> kNames = {"name", "metric", "cloudwatch_name"};
  MappedName mapped{.key = key};
  for (const auto& [field, value] : object.items()) {
    const bool name = std::ranges::find(kNames, field) != kNames.end();
    if (field == "unit" && value.is_null()) continue;
    if (!value.is_string() || (!name && field != "unit")) return std::nullopt;
    std::string& part = name ? mapped.name : mapped.unit;
    if (!part.empty()) return std::nullopt;
    part = value.get<std::string>();
    if (part.empty()) return std::nullopt;
  }
  return mapped.name.empty() ? std::nullopt : std::optional(mapped);
}

bool TakeMapping(std::string_view text, Config& c) {
  // A key that is there twice would silently be the last.
  std::vector<std::string> keys;
  const auto count_keys = [&keys](int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) keys.push_back(parsed);
    return true;
  };
  const Json object = Json::parse(text, count_keys, /*allow_exceptions=*/false);
  if (!object.is_object() || keys.size() != object.size()) return false;
  std::vector<MappedName> mapping;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) {
      mapping.push_back({.key = key, .name = value.get<std::string>()});
    } else if (auto entry = ObjectEntry(key, value); value.is_object() && entry) {
      mapping.push_back(*std::move(entry));
    } else {
      return false;
    }
  }
  c.mapping = std::move(mapping);
  return true;
}

}  // namespace

std::vector<Setting> NamingSettings() {
  return {
      {"--metrics.naming",
       "METRICS_NAMING",
       {"chat or kdcube", "chat", TakeNaming},
       "Names of what is observed: chatscale's, or those of the KDCube metrics service, in its "
       "units"},
      {"--metrics.mapping",
       "METRICS_MAPPING_JSON",
       {"a JSON object of the upstream's keys, each once, and a name or {\"name\" (or \"metric\", "
        "\"cloudwatch_name\"), \"unit\"}",
        "", TakeMapping},
       "Names for single figures, by the upstream's key, for the scrape and every sink"},
  };
}

}  // namespace chatscale
