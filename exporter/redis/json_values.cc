#include "exporter/redis/json_values.h"

#include <cmath>
#include <string>

#include "exporter/document/json.h"
#include "exporter/model/snapshot.h"

namespace chatscale::redis {

std::optional<simdjson::dom::element> TolerantParser::Parse(std::string_view json) {
  constexpr std::size_t kFirstCapacity = 4096;
  if (parser_.max_depth() != kMostJsonDepth &&
      parser_.allocate(kFirstCapacity, kMostJsonDepth) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  simdjson::dom::element root;
  simdjson::error_code error = parser_.parse(json.data(), json.size()).get(root);
  if (error == simdjson::SUCCESS) return root;
  if (error == simdjson::UTF8_ERROR) return std::nullopt;
  const std::string repaired = TolerantJson(json, kNotFinite);
  error = parser_.parse(repaired).get(root);
  if (error != simdjson::SUCCESS) return std::nullopt;
  return root;
}

std::optional<double> NumberIn(const simdjson::dom::element& value) {
  if (!value.is_number()) return std::nullopt;
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<int> SmallIntIn(const simdjson::dom::element& value) {
  const auto number = NumberIn(value);
  constexpr double kLimit = 2147483647.0;
  if (!number.has_value() || std::abs(*number) > kLimit || *number != std::floor(*number)) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

std::optional<std::string_view> TextIn(const simdjson::dom::element& value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

}  // namespace chatscale::redis
