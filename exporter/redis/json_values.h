// JSON as Python writes it (NaN, Infinity, integers of any size), read field by field.
//
// Internal to this folder, because it exposes simdjson. Numbers are doubles; true, false and text
// are not numbers. A view into a document is valid until the next Parse of the same parser.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

namespace chatscale::redis {

class TolerantParser {
 public:
  // Nullopt: not JSON, not UTF-8, nested deeper than kMostJsonDepth or longer than 2 MiB.
  std::optional<simdjson::dom::element> Parse(std::string_view json);

 private:
  simdjson::dom::parser parser_{2u << 20};
};

// A finite number, else nullopt.
std::optional<double> NumberIn(const simdjson::dom::element& value);

// A whole number that fits a 32-bit id (process id, port), else nullopt.
std::optional<int> SmallIntIn(const simdjson::dom::element& value);

std::optional<std::string_view> TextIn(const simdjson::dom::element& value);

}  // namespace chatscale::redis
