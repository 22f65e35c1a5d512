#include "exporter/sources/json/json_fields.h"

#include <algorithm>

namespace chatscale {

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
