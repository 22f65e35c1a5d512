#include "recommender/validate.h"

#include "absl/strings/str_cat.h"
#include "recommender/policy_fields.h"
#include "recommender/rules.h"

namespace chatscale::recommender {

namespace {

using Faults = std::vector<std::string>;

bool RuleIsOff(const Policy& policy, const PolicyField& field) {
  const std::size_t dot = field.path.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string enabled = std::string(field.path.substr(0, dot)) + ".enabled";
  const PolicyField* enabled_field = FindPolicyField(enabled);
  return enabled_field != nullptr && PolicyFieldNumber(policy, *enabled_field) == 0;
}

std::string Shown(const PolicyField& field, double value) {
  if (field.unit == PolicyUnit::kDuration) return absl::FormatDuration(absl::Seconds(value));
  return absl::StrCat(value);
}

void CheckRanges(const Policy& policy, Faults& faults) {
  for (const PolicyField& field : PolicyFields()) {
    const double value = PolicyFieldNumber(policy, field);
    const auto outside = [value](Range range) {
      return !(value >= range.low && value <= range.high);
    };
    const auto refuse = [&](std::string_view whose, Range range, std::string_view hint) {
      faults.push_back(absl::StrCat(
          std::string(field.path), ": ", Shown(field, value), " is outside ", std::string(whose),
          " ", Shown(field, range.low), " to ", Shown(field, range.high), std::string(hint)));
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

// in gate < sizing target < out gate; a gate that is off binds nothing.
void CheckGates(std::string_view what, const RulePolicy& in, std::string_view target_path,
                double target, const RulePolicy& out, Faults& faults) {
  const std::string name(what);
  const std::string path(target_path);
  if (in.enabled && !(in.threshold < target)) {
    faults.push_back(absl::StrCat(path, ": ", target, " must be above the in gate ", name, " = ",
                                  in.threshold, " (in gate < sizing target < out gate)"));
  }
  if (out.enabled && !(target < out.threshold)) {
    faults.push_back(absl::StrCat(path, ": ", target, " must be below the out gate ", name, " = ",
                                  out.threshold, " (in gate < sizing target < out gate)"));
  }
}

void CheckOrder(std::string_view what, const RulePolicy& in, const RulePolicy& out,
                Faults& faults) {
  if (in.enabled && out.enabled && !(in.threshold < out.threshold)) {
    faults.push_back(absl::StrCat(std::string(what), ": in gate ", in.threshold,
                                  " must be below out gate ", out.threshold));
  }
}

void CheckReplicas(std::string_view service, const ReplicaPolicy& replicas, Faults& faults) {
  if (replicas.min <= replicas.max) return;
  faults.push_back(absl::StrCat(std::string(service), ".min_replicas: ", replicas.min,
                                " must not exceed max_replicas ", replicas.max));
}

// Scale-in with every rule off would mean "always". Growth alone tells nothing of how much is used.
void CheckInRules(const Policy& policy, Service service, Faults& faults) {
  for (const RuleRow& row : RuleRows(service)) {
    const bool guards = row.direction == Direction::kIn && row.id != RuleId::kProcInQueueGrowth;
    if (guards && row.policy(policy).enabled) return;
  }
  faults.push_back(absl::StrCat(NameOf(service),
                                ".in: every rule is disabled; at least one must guard scale-in"));
}

}  // namespace

std::vector<std::string> Validate(const Policy& policy) {
  Faults faults;
  CheckRanges(policy, faults);
  const IngressPolicy& ingress = policy.ingress;
  const ProcPolicy& proc = policy.proc;
  CheckReplicas("ingress", ingress.replicas, faults);
  CheckReplicas("proc", proc.replicas, faults);
  CheckGates("saturation", ingress.in.saturation, "ingress.sizing.target", ingress.sizing.target,
             ingress.out.saturation, faults);
  CheckGates("queue_wait", proc.in.queue_wait, "proc.sizing.wait_limit", proc.sizing.wait_limit,
             proc.out.queue_wait, faults);
  CheckOrder("ingress.in.rest_latency.threshold", ingress.in.rest_latency, ingress.out.rest_latency,
             faults);
  CheckOrder("proc.in.pressure.threshold", proc.in.pressure, proc.out.pressure, faults);
  CheckOrder("proc.in.utilization.threshold", proc.in.utilization, proc.out.pressure, faults);
  CheckOrder("proc.in.queue_wait.threshold", proc.in.queue_wait, proc.out.queue_wait, faults);
  for (const Service service : kServices) {
    CheckInRules(policy, service, faults);
  }
  if (policy.input.hold < policy.input.max_age) {
    faults.push_back(absl::StrCat("input.hold: ", absl::FormatDuration(policy.input.hold),
                                  " must not be shorter than input.max_age ",
                                  absl::FormatDuration(policy.input.max_age)));
  }
  return faults;
}

}  // namespace chatscale::recommender
