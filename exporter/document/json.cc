#include "exporter/document/json.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "exporter/model/text.h"

namespace chatscale {

namespace {

constexpr std::size_t kSafeIntegerDigits = 18;  // always fit into 64 bits

bool IsTokenByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
         c == '-' || c == '.';
}

// One past the closing quote of the string that opens at `i`, or the end of the text.
std::size_t EndOfString(std::string_view text, std::size_t i) {
  for (++i; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

std::string Replacement(std::string_view token, std::string_view not_finite) {
  if (token == "NaN" || token == "Infinity" || token == "-Infinity") {
    return std::string(not_finite);
  }
  const bool number = token.front() == '-' || (token.front() >= '0' && token.front() <= '9');
  if (!number) return std::string(token);
  const bool integer = token.find_first_of(".eE") == std::string_view::npos;
  if (integer && token.size() <= kSafeIntegerDigits) return std::string(token);
  std::string copy(token);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return copy;
  if (!std::isfinite(value)) return std::string(not_finite);
  return integer ? copy + ".0" : copy;
}

}  // namespace

std::string TolerantJson(std::string_view raw, std::string_view not_finite) {
  const std::string text = RepairUtf8(raw);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      const std::size_t end = EndOfString(text, i);
      out.append(text, i, end - i);
      i = end;
    } else if (IsTokenByte(text[i])) {
      std::size_t end = i;
      while (end < text.size() && IsTokenByte(text[end])) ++end;
      out += Replacement(std::string_view(text).substr(i, end - i), not_finite);
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::optional<simdjson::dom::element> JsonFields::Find(std::string_view key) const {
  if (!object_) return std::nullopt;
  simdjson::dom::element value;
  if (object_->at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

bool JsonFields::Has(std::string_view key) const {
  return object_ && object_->at_key(key).error() == simdjson::SUCCESS;
}

template <typename T>
std::optional<T> JsonFields::Get(std::string_view key) const {
  const auto value = Find(key);
  if (!value) return std::nullopt;
  T typed{};
  if (value->get(typed) != simdjson::SUCCESS) {
    ++*malformed_;
    return std::nullopt;
  }
  return typed;
}

JsonFields JsonFields::Object(std::string_view key) const {
  return {Get<simdjson::dom::object>(key), malformed_};
}

std::optional<simdjson::dom::array> JsonFields::Array(std::string_view key) const {
  return Get<simdjson::dom::array>(key);
}

MaybeNumber JsonFields::Number(std::string_view key) const { return Get<double>(key); }

MaybeNumber JsonFields::NonNegative(std::string_view key, double most) const {
  const MaybeNumber value = Number(key);
  if (value && (*value < 0 || *value > most)) {
    ++*malformed_;
    return std::nullopt;
  }
  return value;
}

MaybeNumber JsonFields::Scaled(std::string_view key, double divisor, double most) const {
  const MaybeNumber value = NonNegative(key, std::min(kMostCount, most * divisor));
  return value ? MaybeNumber(*value / divisor) : std::nullopt;
}

std::optional<bool> JsonFields::Bool(std::string_view key) const { return Get<bool>(key); }

std::string JsonFields::Text(std::string_view key) const {
  const std::string_view text = Get<std::string_view>(key).value_or("");
  if (text.size() <= kMostTextBytes) return std::string(text);
  ++*malformed_;
  return "";
}

}  // namespace chatscale
