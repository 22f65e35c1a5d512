// The parts of the policy table; see policy_fields.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recommender/policy_fields.h"

namespace chatscale::recommender {

// Name the kind of field a lambda gives access to.
using Number = Access<double>;
using Whole = Access<int>;
using Time = Access<absl::Duration>;
using LeadTime = Access<Lead>;
using Instant = Access<absl::Time>;
using Switch = Access<bool>;

// enabled, threshold, for, dead_band and window of each rule.
std::vector<PolicyField> RuleFields(Service service, Direction direction);

// replicas, percent, period of one direction's step.
struct StepSpec {
  std::string_view path;  // "ingress.out.step"
  std::string_view help;  // of `replicas`
  double most_percent;
  double longest_period;  // seconds
  Access<StepPolicy> step;
};
std::vector<PolicyField> StepFields(const StepSpec& spec);

// min_replicas, max_replicas, override.
std::vector<PolicyField> ReplicaFields(std::string_view service,
                                       const Access<ReplicaPolicy>& replicas);

// How scale-out waits, and how scale-in counts; the same of both services.
PolicyField StabilizationField(std::string_view path, Time access);
PolicyField SettleField(std::string_view path, Time access);
PolicyField AfterOutField(std::string_view path, Time access);
PolicyField MinChangeField(std::string_view path, Number access);
PolicyField LeadField(std::string_view path, LeadTime access);

// One after the other.
std::vector<PolicyField> Joined(std::initializer_list<std::vector<PolicyField>> parts);

std::vector<PolicyField> InputFields();
std::vector<PolicyField> IngressFields();
std::vector<PolicyField> ProcFields();
std::vector<PolicyField> BudgetFields();
std::vector<PolicyField> SloFields();

}  // namespace chatscale::recommender
