#include "recommender/policy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "recommender/policy_fields.h"

namespace chatscale::recommender {

absl::Duration InWindow(const Policy& policy, Service service) {
  absl::Duration longest;
  for (const RuleRow& row : RuleRows(service)) {
    const RulePolicy& rule = policy.RuleOf(service, row);
    if (row.direction == Direction::kIn && rule.enabled) longest = std::max(longest, rule.duration);
  }
  return longest;
}

namespace {

using Faults = std::vector<std::string>;

bool RuleIsOff(const Policy& policy, const PolicyField& field) {
  const std::size_t dot = field.path.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string enabled = std::string(field.path.substr(0, dot)) + ".enabled";
  const PolicyField* enabled_field = FindPolicyField(enabled);
  return enabled_field != nullptr && PolicyFieldNumber(policy, *enabled_field) == 0;
}

void CheckRanges(const Policy& policy, Faults& faults) {
  for (const PolicyField& field : PolicyFields()) {
    const double value = PolicyFieldNumber(policy, field);
    const auto outside = [value](Range range) {
      return !(value >= range.low && value <= range.high);
    };
    const auto refuse = [&](std::string_view whose, Range range, std::string_view hint) {
      faults.push_back(absl::StrCat(std::string(field.path), ": ", PolicyBoundText(field, value),
                                    " is outside ", std::string(whose), " ",
                                    PolicyBoundText(field, range.low), " to ",
                                    PolicyBoundText(field, range.high), std::string(hint)));
    };
    if (outside(field.bounds)) {
      refuse("the bounds", field.bounds, "");
      continue;
    }
    const bool has_documented = field.documented.low <= field.documented.high;
    if (has_documented && outside(field.documented) && !policy.allow_outside_documented_range &&
        !RuleIsOff(policy, field)) {
      refuse("the documented range", field.documented,
             "; set allow_outside_documented_range to accept it");
    }
  }
}

// in threshold < sizing target < out threshold; a disabled rule is not checked.
void CheckGates(const Policy& policy, Service service, Direction direction, Faults& faults) {
  const bool in = direction == Direction::kIn;
  for (const RuleRow& row : RuleRows(service)) {
    const RulePolicy& rule = policy.RuleOf(service, row);
    if (row.direction != direction || row.sizing_target.empty() || !rule.enabled) continue;
    const double target = PolicyFieldNumber(policy, *FindPolicyField(row.sizing_target));
    if (in ? rule.threshold < target : target < rule.threshold) continue;
    faults.push_back(absl::StrCat(std::string(row.sizing_target), ": ", target, " must be ",
                                  in ? "above the threshold of the scale-in rule "
                                     : "below the threshold of the scale-out rule ",
                                  std::string(row.name), " = ", rule.threshold,
                                  " (scale-in threshold < sizing target < scale-out threshold)"));
  }
}

void CheckOrder(const Policy& policy, Service service, Faults& faults) {
  for (const RuleRow& in_row : RuleRows(service)) {
    const RulePolicy& in = policy.RuleOf(service, in_row);
    for (const RuleRow& out_row : RuleRows(service)) {
      const RulePolicy& out = policy.RuleOf(service, out_row);
      const bool ordered = out_row.direction == Direction::kOut && out_row.name == in_row.below_out;
      if (!ordered || !in.enabled || !out.enabled || in.threshold < out.threshold) continue;
      faults.push_back(absl::StrCat(PathOf(service, in_row), ".threshold: scale-in threshold ",
                                    in.threshold, " must be below the scale-out threshold ",
                                    out.threshold));
    }
  }
}

void CheckReplicas(std::string_view service, const ReplicaPolicy& replicas, Faults& faults) {
  const std::string path(service);
  if (replicas.min > replicas.max) {
    faults.push_back(absl::StrCat(path, ".min_replicas: ", replicas.min,
                                  " must not exceed max_replicas ", replicas.max));
  }
  const ReplicaOverride& temporary = replicas.temporary;
  const bool orders = temporary.min > 0 || temporary.max > 0;
  if (orders != (temporary.until != absl::InfinitePast())) {
    faults.push_back(absl::StrCat(path, ".override.until: an override needs a count and an end"));
  }
  const int min = temporary.min > 0 ? temporary.min : replicas.min;
  const int max = temporary.max > 0 ? temporary.max : replicas.max;
  if (orders && min > max) {
    faults.push_back(absl::StrCat(path, ".override.min_replicas: at least ", min,
                                  " must not exceed at most ", max));
  }
}

// The target is below the threshold, so that a scale-out does not trigger the next one.
void CheckTrigger(std::string_view path, double share, std::string_view target_path, double target,
                  Faults& faults) {
  if (target < share) return;
  faults.push_back(absl::StrCat(std::string(path), ".share: ", share, " must be above ",
                                std::string(target_path), " = ", target));
}

void CheckTriggers(const Policy& policy, Faults& faults) {
  const IngressPolicy::Trigger& ingress = policy.ingress.out.trigger;
  if (ingress.enabled) {
    constexpr std::string_view kPath = "ingress.out.trigger";
    CheckTrigger(kPath, ingress.share, "its target", ingress.target, faults);
    CheckTrigger(kPath, ingress.share, "ingress.sizing.target", policy.ingress.sizing.target,
                 faults);
  }
  const ProcPolicy::Trigger& proc = policy.proc.out.trigger;
  const ProcPolicy::Sizing& sizing = policy.proc.sizing;
  if (proc.enabled) {
    constexpr std::string_view kPath = "proc.out.trigger";
    CheckTrigger(kPath, proc.share, "proc.sizing.wait_share", sizing.wait_share, faults);
    CheckTrigger(kPath, proc.share, "proc.sizing.in_share", sizing.in_share, faults);
  }
}

// With every in-rule disabled, scale-in would always be allowed.
void CheckInRules(const Policy& policy, Service service, Faults& faults) {
  for (const RuleRow& row : RuleRows(service)) {
    const bool gates = row.direction == Direction::kIn && row.gates_scale_in;
    if (gates && policy.RuleOf(service, row).enabled) return;
  }
  faults.push_back(absl::StrCat(NameOf(service),
                                ".in: every rule is disabled; at least one must guard scale-in"));
}

}  // namespace

std::vector<std::string> Validate(const Policy& policy) {
  Faults faults;
  CheckRanges(policy, faults);
  CheckReplicas("ingress", policy.ingress.replicas, faults);
  CheckReplicas("proc", policy.proc.replicas, faults);
  for (const Service service : kServices) {
    CheckGates(policy, service, Direction::kIn, faults);
    CheckGates(policy, service, Direction::kOut, faults);
  }
  for (const Service service : kServices) {
    CheckOrder(policy, service, faults);
  }
  for (const Service service : kServices) {
    CheckInRules(policy, service, faults);
  }
  CheckTriggers(policy, faults);
  if (policy.input.hold < policy.input.max_age) {
    faults.push_back(absl::StrCat("input.hold: ", absl::FormatDuration(policy.input.hold),
                                  " must not be shorter than input.max_age ",
                                  absl::FormatDuration(policy.input.max_age)));
  }
  return faults;
}

}  // namespace chatscale::recommender
