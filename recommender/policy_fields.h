// Policy fields: one table row for every setting; a dotted path is written here only.
//
// A loader calls SetPolicyField(path, text) for each leaf of a document. Texts: numbers for ratios
// and counts ("0.7"), Abseil's syntax for durations ("2m", "90s", "1h30m"), true or false for
// booleans, a duration or "auto" for lead times, RFC 3339 ("2026-11-30T18:00:00Z") or "none" for
// instants.
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
  // The operating guide's range; low > high: it gives none.
  Range documented;
  std::string_view help;  // what it does, and the guide's sentence that it comes from
  FieldAccess access;
};

// All rows, in the order of the policy files.
const std::vector<PolicyField>& PolicyFields();

// nullptr when no field has that path.
const PolicyField* FindPolicyField(std::string_view path);

// kNotFound: unknown key; the message suggests the nearest known one. kInvalidArgument: not a value
// of the unit, or outside `bounds`; the message names key, value and allowed range. Documented
// ranges and combinations depend on other fields: Validate() checks them.
absl::Status SetPolicyField(Policy& policy, std::string_view path, std::string_view text);

// A bound, formatted as SetPolicyField accepts it.
std::string PolicyBoundText(const PolicyField& field, double value);

// The field's value, formatted as SetPolicyField accepts it.
std::string PolicyFieldText(const Policy& policy, const PolicyField& field);

// Value in the unit of the bounds: durations in seconds, the assumed duration of a lead time, 0 or
// 1 for switches.
double PolicyFieldNumber(const Policy& policy, const PolicyField& field);

// Hash of every value: two policies with the same hash decide alike. Stable across builds.
std::uint64_t PolicyHash(const Policy& policy);

}  // namespace chatscale::recommender
