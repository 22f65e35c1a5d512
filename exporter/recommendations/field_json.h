// Field JSON: structs with named fields (recommender/state_fields.h) to JSON and back.
#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/time/time.h"
#include "recommender/state_fields.h"

namespace chatscale::field_json {

using nlohmann::json;
using recommender::VisitFields;

// A struct with VisitFields.
template <typename T>
concept HasFields = requires(T& value) {
  VisitFields(value, [](std::string_view, auto&) {});
};

inline constexpr std::size_t kMostEntries = 10'000;
// Plausible limits of every field.
inline constexpr int kLargestCount = 1'000'000;
inline constexpr double kLargestNumber = 1e12;

// Instants and durations are nanoseconds; infinite ones are words.
inline json ToJson(absl::Time value) {
  if (value == absl::InfinitePast()) return "past";
  if (value == absl::InfiniteFuture()) return "future";
  return absl::ToUnixNanos(value);
}
inline json ToJson(absl::Duration value) { return absl::ToInt64Nanoseconds(value); }
// Clamped, so that it can be read again: squares of plausible values may exceed the limit.
inline json ToJson(double value) { return std::clamp(value, -kLargestNumber, kLargestNumber); }
template <typename T>
json ToJson(T value) {
  if constexpr (std::is_enum_v<T>) {
    return static_cast<int>(value);
  } else {
    return value;
  }
}
template <typename T>
json ToJson(const std::optional<T>& value) {
  return value.has_value() ? ToJson(*value) : json();
}

struct Writer {
  json& out;

  template <typename T>
  static json Write(const T& value) {
    if constexpr (HasFields<T>) {
      json object = json::object();
      VisitFields(value, Writer{object});
      return object;
    } else if constexpr (requires { value.begin(); }) {
      json list = json::array();
      for (const auto& element : value) list.push_back(Write(element));
      return list;
    } else {
      return ToJson(value);
    }
  }

  template <typename T>
  void operator()(std::string_view name, const T& value) const {
    out[std::string(name)] = Write(value);
  }
};

inline bool FromJson(const json& from, absl::Time& to) {
  if (from == "past") to = absl::InfinitePast();
  if (from == "future") to = absl::InfiniteFuture();
  if (from.is_number_integer()) to = absl::FromUnixNanos(from.get<std::int64_t>());
  return from == "past" || from == "future" || from.is_number_integer();
}
inline bool FromJson(const json& from, absl::Duration& to) {
  if (!from.is_number_integer()) return false;
  to = absl::Nanoseconds(from.get<std::int64_t>());
  return true;
}
inline bool FromJson(const json& from, bool& to) {
  if (!from.is_boolean()) return false;
  to = from.get<bool>();
  return true;
}
inline bool FromJson(const json& from, double& to) {
  if (!from.is_number()) return false;
  to = from.get<double>();
  return std::abs(to) <= kLargestNumber;
}
// A negative number wraps to a value above any limit.
inline bool AtMost(const json& from, std::uint64_t limit) {
  return from.is_number_integer() && from.get<std::uint64_t>() <= limit;
}
inline bool FromJson(const json& from, recommender::Phase& to) {
  if (!AtMost(from, 2)) return false;
  to = static_cast<recommender::Phase>(from.get<int>());
  return true;
}
inline bool FromJson(const json& from, recommender::Truth& to) {
  if (!AtMost(from, 2)) return false;
  to = static_cast<recommender::Truth>(from.get<int>());
  return true;
}
inline bool FromJson(const json& from, int& to) {
  if (!from.is_number_integer()) return false;
  const auto value = from.get<std::int64_t>();
  to = static_cast<int>(std::clamp<std::int64_t>(value, -kLargestCount, kLargestCount));
  return to == value;
}
inline bool FromJson(const json& from, std::int64_t& to) {
  if (!from.is_number_integer()) return false;
  to = from.get<std::int64_t>();
  return std::abs(static_cast<double>(to)) <= kLargestNumber;
}
inline bool FromJson(const json& from, std::size_t& to) {
  if (!AtMost(from, kMostEntries)) return false;
  to = from.get<std::size_t>();
  return true;
}
// An optional instant is never infinite.
inline bool FromJson(const json& from, std::optional<absl::Time>& to) {
  to.reset();
  return from.is_null() || (from.is_number_integer() && FromJson(from, to.emplace()));
}
template <typename T>
bool FromJson(const json& from, std::optional<T>& to) {
  to.reset();
  return from.is_null() || FromJson(from, to.emplace());
}

// A missing field (older version) keeps its default.
struct Reader {
  const json& in;
  std::string* fault;  // first error

  template <typename T>
  void operator()(std::string_view name, T& value) const {
    const auto found = in.is_object() ? in.find(std::string(name)) : in.end();
    if (!fault->empty()) return;
    const bool missing = in.is_object() && found == in.end();
    if (!missing && (!in.is_object() || !Read(*found, value))) *fault = std::string(name);
  }

  template <typename T>
  bool Read(const json& from, T& value) const {
    if constexpr (HasFields<T>) {
      VisitFields(value, Reader{from, fault});
      if constexpr (std::is_same_v<T, recommender::SlidingMax>) {
        return value.head <= value.entries.size();
      }
      return true;
    } else if constexpr (requires { value.begin(); }) {
      return ReadList(from, value);
    } else {
      return FromJson(from, value);
    }
  }

  template <typename T>
  bool ReadList(const json& from, T& list) const {
    if (!from.is_array() || from.size() > kMostEntries) return false;
    if constexpr (requires { list.resize(1); }) list.resize(from.size());
    if (list.size() != from.size()) return false;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!Read(from[i], list[i])) return false;
    }
    return true;
  }
};

}  // namespace chatscale::field_json
