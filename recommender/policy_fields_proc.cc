// Policy fields of the processor.
#include "recommender/policy_field_rows.h"

namespace chatscale::recommender {

namespace {

std::vector<PolicyField> SizingFields() {
  return Joined({
      {{"proc.sizing.wait_limit",
        PolicyUnit::kSeconds,
        {0.01, 3600},
        kUndocumented,
        "Wait that sizing promises; in gate < limit < out gate of queue_wait. Erlang-C: "
        "slots for P(wait > limit) <= wait_share.",
        Number([](Policy& p) -> double& { return p.proc.sizing.wait_limit; })},
       {"proc.sizing.wait_share",
        PolicyUnit::kRatio,
        {0.0001, 0.5},
        kUndocumented,
        "Share of tasks that may wait longer than wait_limit. Guide: 5 %, \"p95 wait <= "
        "limit\".",
        Number([](Policy& p) -> double& { return p.proc.sizing.wait_share; })},
       {"proc.sizing.in_share",
        PolicyUnit::kRatio,
        {0.0001, 0.5},
        kUndocumented,
        "The same share, for the size that a scale-in leaves: mean load of two minutes, highest of "
        "the in-window.",
        Number([](Policy& p) -> double& { return p.proc.sizing.in_share; })},
       {"proc.sizing.drain",
        PolicyUnit::kDuration,
        {1, 3600},
        kUndocumented,
        "A backlog gets the slots that clear it in this time. Guide: \"30-120 s is "
        "calmer\" than one slot per waiting task.",
        Time([](Policy& p) -> absl::Duration& { return p.proc.sizing.drain; })}},
      {LeadField("proc.sizing.lead", [](Policy& p) -> Lead& { return p.proc.sizing.lead; }),
       {"proc.sizing.seasons",
        PolicyUnit::kSwitch,
        {0, 1},
        kUndocumented,
        "Expect at least the load of this time on earlier days, while that has helped more than it "
        "cost. Not in the guide; policy `responsive`.",
        Switch([](Policy& p) -> bool& { return p.proc.sizing.seasons; })}},
  });
}

}  // namespace

std::vector<PolicyField> ProcFields() {
  return Joined({
      ReplicaFields("proc", [](Policy& p) -> ReplicaPolicy& { return p.proc.replicas; }),
      RuleFields(Service::kProc, Direction::kOut),
      {{"proc.out.trigger.enabled",
        PolicyUnit::kSwitch,
        {0, 1},
        kUndocumented,
        "Scale out before a rule fires, on the load ahead. Not in the guide; policy `responsive`.",
        Switch([](Policy& p) -> bool& { return p.proc.out.trigger.enabled; })},
       {"proc.out.trigger.share",
        PolicyUnit::kRatio,
        {0.001, 0.999},
        kUndocumented,
        "Share of tasks that would wait longer than sizing.wait_limit.",
        Number([](Policy& p) -> double& { return p.proc.out.trigger.share; })}},
      {StabilizationField("proc.out.stabilization",
                          [](Policy& p) -> absl::Duration& { return p.proc.out.stabilization; })},
      StepFields({.path = "proc.out.step",
                  .help =
                      "Scale-out adds at most this many replicas per period, or the percentage if "
                      "that is more.",
                  .most_percent = 10000,
                  .longest_period = 3600,
                  .step = [](Policy& p) -> StepPolicy& { return p.proc.out.step; }}),
      {SettleField("proc.out.settle",
                   [](Policy& p) -> absl::Duration& { return p.proc.out.settle; })},
      RuleFields(Service::kProc, Direction::kIn),
      {AfterOutField("proc.in.after_out",
                     [](Policy& p) -> absl::Duration& { return p.proc.in.after_out; })},
      {MinChangeField("proc.in.min_change",
                      [](Policy& p) -> double& { return p.proc.in.min_change; })},
      StepFields(
          {.path = "proc.in.step",
           .help = "Scale-in removes at most this many replicas per period, or the percentage if "
                   "that is more.",
           .most_percent = 100,
           .longest_period = 7200,
           .step = [](Policy& p) -> StepPolicy& { return p.proc.in.step; }}),
      SizingFields(),
  });
}

}  // namespace chatscale::recommender
