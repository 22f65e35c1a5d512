// Policies from YAML.
//
//   base: responsive          # documented (default) or responsive: what the rest changes
//   ingress:
//     max_replicas: 20
//   overrides:
//     - tenant: acme
//       project: chat         # optional: without it, every project of the tenant
//       proc: {out: {queue_wait: {threshold: 5}}}
//
// Keys are the paths of recommender/policy_fields.h. Aliases and tags of YAML are not interpreted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/core/target.h"
#include "recommender/policy.h"

namespace chatscale {

struct PolicyOverride {
  std::string tenant;
  std::string project;  // empty: all of the tenant's
  recommender::Policy policy;
};

struct PolicySet {
  recommender::Policy common;
  std::vector<PolicyOverride> overrides;

  // The override of tenant and project, else of the tenant, else the common policy.
  const recommender::Policy& For(const Target& target) const;
};

struct PolicyLoad {
  std::optional<PolicySet> policies;  // present exactly when there are no faults
  std::vector<std::string> faults;    // "file:line: key: what is wrong and what is allowed"
};

// `file` names the text in faults.
PolicyLoad ParsePolicies(const std::string& file, const std::string& yaml);
PolicyLoad LoadPolicyFile(const std::string& path);

// "documented" or "responsive"; nullopt for other names.
std::optional<recommender::Policy> ShippedPolicy(std::string_view name);

}  // namespace chatscale
