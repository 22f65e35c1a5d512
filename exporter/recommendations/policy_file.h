// Policy files: policies in YAML are loaded, validated and written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/model/target.h"
#include "recommender/policy.h"

namespace chatscale {

enum class PolicyComments { kNone, kFull };

// YAML that the loader parses to the same policy: every field, in table order. With comments: unit,
// bounds, and the guide's range and sentence, as in the shipped files. Pure.
std::string PolicyYaml(const recommender::Policy& policy, PolicyComments comments);

// The file format; errors carry line numbers.
//
//   ingress:
//     max_replicas: 40
//     out:
//       saturation: {threshold: 0.75, for: 3m}
//   overrides:                   # later entries win
//     - tenant: acme             # all its projects, unless `project` names one
//       proc: {min_replicas: 4}
//
// A missing key keeps the value of the policy `documented`. Keys, units and bounds:
// recommender/policy_fields.h.

// An entry of `overrides`.
struct PolicyOverride {
  Target target;               // empty project: every project of the tenant
  recommender::Policy policy;  // complete: the base with the override's keys applied
};

struct PolicySet {
  recommender::Policy base;
  std::vector<PolicyOverride> overrides;

  // The last override that matches the target, else the base.
  const recommender::Policy& For(const Target& target) const;
};

// kInvalidArgument: all errors of the text, one "name:line: ..." per line: invalid YAML, unknown or
// repeated keys, values of a wrong unit or out of bounds, impossible combinations. `name`
// identifies the text in messages.
absl::StatusOr<PolicySet> ParsePolicies(std::string_view text, const std::string& name);

// The text of a policy file, at most 1 MiB.
absl::StatusOr<std::string> ReadPolicyFile(const std::string& path);

// As above; also kNotFound or kPermissionDenied when the file cannot be read.
absl::StatusOr<PolicySet> LoadPolicyFile(const std::string& path);

}  // namespace chatscale
