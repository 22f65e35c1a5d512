#include "exporter/sources/redis/tolerant_json.h"

#include <array>
#include <cmath>

namespace chatscale::redis {

std::string WithoutBareTokens(std::string_view json) {
  constexpr std::array<std::string_view, 3> kTokens = {"NaN", "-Infinity", "Infinity"};
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  for (std::size_t i = 0; i < json.size();) {
    if (in_string) {
      if (json[i] == '\\' && i + 1 < json.size()) out.push_back(json[i++]);
      else if (json[i] == '"') in_string = false;
      out.push_back(json[i++]);
      continue;
    }
    std::size_t token_bytes = 0;
    for (const std::string_view token : kTokens) {
      if (json.substr(i).starts_with(token)) token_bytes = token.size();
    }
    if (token_bytes > 0) {
      out.append("null");
      i += token_bytes;
      continue;
    }
    in_string = json[i] == '"';
    out.push_back(json[i++]);
  }
  return out;
}

std::optional<simdjson::dom::element> TolerantParser::Parse(std::string_view json) {
  constexpr std::size_t kFirstCapacity = 4096;
  constexpr std::size_t kMaxDepth = 64;
  if (parser_.max_depth() != kMaxDepth &&
      parser_.allocate(kFirstCapacity, kMaxDepth) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  simdjson::dom::element root;
  simdjson::error_code error = parser_.parse(json.data(), json.size()).get(root);
  if (error == simdjson::SUCCESS) return root;
  if (error != simdjson::TAPE_ERROR && error != simdjson::N_ATOM_ERROR &&
      error != simdjson::NUMBER_ERROR) {
    return std::nullopt;
  }
  const std::string repaired = WithoutBareTokens(json);
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
