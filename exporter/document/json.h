// JSON from Python: NaN and Infinity as bare tokens, integers of any size. A strict parser refuses
// the whole document for one of them. Pure.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "exporter/model/snapshot.h"

namespace chatscale {

// `text` with invalid UTF-8 repaired and, outside strings, with NaN, Infinity, -Infinity and
// numbers beyond the range of a double replaced by `not_finite`; integers too large for 64 bits
// become doubles. Everything else is copied: what was malformed stays malformed.
std::string TolerantJson(std::string_view text, std::string_view not_finite = "null");

// For readers that count fields of a wrong type, where null would count as a missing field.
inline constexpr std::string_view kNotFinite = "\"NaN\"";

// Fields of a JSON object of an untrusted writer. A field that is missing or null is absent; one of
// a wrong type or an impossible value is absent too, and counted.
class JsonFields {
 public:
  // `malformed` is incremented for every such field; must outlive this.
  JsonFields(std::optional<simdjson::dom::object> object, int* malformed)
      : object_(object), malformed_(malformed) {}

  bool present() const { return object_.has_value(); }

  JsonFields Object(std::string_view key) const;
  std::optional<simdjson::dom::array> Array(std::string_view key) const;

  MaybeNumber Number(std::string_view key) const;  // any finite number
  // 0 to `most`.
  MaybeNumber NonNegative(std::string_view key, double most = kMostCount) const;
  // NonNegative / divisor, the quotient up to `most`.
  MaybeNumber Scaled(std::string_view key, double divisor, double most = kMostCount) const;
  std::optional<bool> Bool(std::string_view key) const;
  std::string Text(std::string_view key) const;  // empty: absent, or longer than kMostTextBytes

  // The same fields, counting malformed ones elsewhere.
  JsonFields CountingIn(int* malformed) const { return {object_, malformed}; }
  // True also when the value is null.
  bool Has(std::string_view key) const;

  // Fields of another object of the same document.
  JsonFields Nested(simdjson::dom::object object) const { return {object, malformed_}; }
  void CountMalformed() const { ++*malformed_; }

  // Calls `use(name, value)` for each member that is an object, at most kMostMembers; other members
  // count as malformed.
  template <typename Use>
  void EachObject(Use use) const {
    if (!object_) return;
    int left = kMostMembers;
    for (const auto& [key, value] : *object_) {
      simdjson::dom::object member;
      if (--left < 0) {
        ++*malformed_;
        return;
      }
      if (key.size() > kMostIdBytes) {
        ++*malformed_;
        continue;
      }
      if (value.get(member) == simdjson::SUCCESS) {
        use(key, JsonFields(member, malformed_));
      } else if (!value.is_null()) {
        ++*malformed_;
      }
    }
  }

 private:
  // The value under `key` unless missing or null.
  std::optional<simdjson::dom::element> Find(std::string_view key) const;
  template <typename T>
  std::optional<T> Get(std::string_view key) const;

  std::optional<simdjson::dom::object> object_;
  int* malformed_;
};

}  // namespace chatscale
