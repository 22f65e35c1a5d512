// Policies in YAML: loaded, checked, written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/model/target.h"
#include "recommender/policy.h"

namespace chatscale {

// Policy -> YAML text that the loader reads back to the same policy. Pure.

enum class PolicyComments { kNone, kFull };

// Every field, in the order of the table. With comments: unit, bounds, the guide's range and the
// sentence it comes from, as in the shipped files.
std::string PolicyYaml(const recommender::Policy& policy, PolicyComments comments);

// Policy files: YAML with line numbers in every error.
//
//   ingress:
//     max_replicas: 40
//     out:
//       saturation: {threshold: 0.75, for: 3m}
//   overrides:                   # later entries win
//     - tenant: acme             # all its projects, unless `project` names one
//       proc: {min_replicas: 4}
//
// A key that is not set keeps the value of the policy `documented`. Keys, units and bounds:
// recommender/policy_fields.h.

struct PolicyOverride {
  Target target;               // empty project: every project of the tenant
  recommender::Policy policy;  // complete: the base with the override's keys
};

struct PolicySet {
  recommender::Policy base;
  std::vector<PolicyOverride> overrides;

  // The last override that names the target, else the base.
  const recommender::Policy& For(const Target& target) const;
};

// kInvalidArgument: all errors of the text, one "name:line: ..." each per line: not YAML, unknown
// or repeated keys, values that are no values of their unit or out of bounds, impossible
// combinations. `name` stands for the text in messages.
absl::StatusOr<PolicySet> ParsePolicies(std::string_view text, const std::string& name);

// The text of a policy file, at most 1 MiB.
absl::StatusOr<std::string> ReadPolicyFile(const std::string& path);

// As above; kNotFound or kPermissionDenied when the file cannot be read.
absl::StatusOr<PolicySet> LoadPolicyFile(const std::string& path);

}  // namespace chatscale
