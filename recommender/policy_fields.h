// The table of policy fields: every knob is one row, and its dotted path is written here only.
//
// A loader walks a document, and for each leaf calls SetPolicyField(path, text). Texts: ratios and
// counts as numbers ("0.7"), durations as Abseil writes them ("2m", "90s", "1h30m"), booleans as
// true or false, lead times as durations or "auto", instants as RFC 3339 ("2026-11-30T18:00:00Z")
// or "none".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "recommender/policy.h"
#include "recommender/rule.h"

namespace chatscale::recommender {

using FieldAccess =
    std::variant<std::function<double&(Policy&)>, std::function<int&(Policy&)>,
                 std::function<absl::Duration&(Policy&)>, std::function<Lead&(Policy&)>,
                 std::function<absl::Time&(Policy&)>, std::function<bool&(Policy&)>>;

struct PolicyField {
  std::string path;  // "ingress.out.saturation.threshold"
  PolicyUnit unit;
  Range bounds;
  // Range the operating guide gives; low > high: the guide gives none.
  Range documented;
  std::string_view help;  // what it does, and the guide's sentence it comes from
  FieldAccess access;
};

// All rows, in the order of the policy files.
const std::vector<PolicyField>& PolicyFields();

// nullptr when no field has that path.
const PolicyField* FindPolicyField(std::string_view path);

// kNotFound: unknown key, with the nearest known one. kInvalidArgument: not a value of the unit, or
// outside `bounds`; the message names key, value and allowed range. Documented ranges and
// combinations are Validate()'s business: they depend on other fields.
absl::Status SetPolicyField(Policy& policy, std::string_view path, std::string_view text);

// A value of the bounds as SetPolicyField would take it.
std::string PolicyBoundText(const PolicyField& field, double value);

// The text SetPolicyField would take.
std::string PolicyFieldText(const Policy& policy, const PolicyField& field);

// Value in the unit of the bounds (durations in seconds, of a lead time the assumed one, switches 0
// or 1).
double PolicyFieldNumber(const Policy& policy, const PolicyField& field);

// Hash of every value: two policies with the same hash decide alike. Stable across builds.
std::uint64_t PolicyHash(const Policy& policy);

}  // namespace chatscale::recommender
