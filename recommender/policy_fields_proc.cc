// Policy fields of the processor.
#include "recommender/policy_field_rows.h"

namespace chatscale::recommender {

namespace {

// NOLINTNEXTLINE(readability-function-size): a table, a row for each rule.
std::vector<PolicyField> ProcOutRules() {
  return Joined(
      {RuleFields({.path = "proc.out.pressure",
                   .unit = PolicyUnit::kRatio,
                   .bounds = {0.05, 100},
                   .documented = kUndocumented,
                   .help =
                       "Scale out above this pressure (tasks / corrected queue capacity). Guide: "
                       "\"pressure ratio > 0.7 for 2-5 minutes: scale out\".",
                   .duration = "How long. Guide: 2-5 minutes.",
                   .rule = [](Policy& p) -> RulePolicy& { return p.proc.out.pressure; },
                   .documented_for = kOutFor,
                   .longest_for = kLongestOut}),
       RuleFields(
           {.path = "proc.out.queue_wait",
            .unit = PolicyUnit::kSeconds,
            .bounds = {0.01, 3600},
            .documented = {3, 5},
            .help = "Scale out above this wait: the worse of p95 and the age of the oldest waiting "
                    "task. Guide: \"queue wait p95 > 3-5 s for 2-5 minutes: scale out\".",
            .duration = "How long. Guide: 2-5 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.proc.out.queue_wait; },
            .documented_for = kOutFor,
            .longest_for = kLongestOut}),
       RuleFields({.path = "proc.out.mean_pressure",
                   .unit = PolicyUnit::kRatio,
                   .bounds = {0.05, 100},
                   .documented = kUndocumented,
                   .help = "Scale out when the time-weighted mean pressure is above this. Guide: "
                           "\"15-minute mean pressure > 0.8: scale out\".",
                   .duration = "",
                   .rule = [](Policy& p) -> RulePolicy& { return p.proc.out.mean_pressure; }}),
       {{"proc.out.mean_pressure.window",
         PolicyUnit::kDuration,
         {60, 7200},
         {900, 900},
         "Window of the mean. Guide: 15 minutes.",
         Time([](Policy& p) -> absl::Duration& { return p.proc.mean_pressure_window; })}},
       RuleFields({.path = "proc.out.queue_growth",
                   .unit = PolicyUnit::kTasksPerMinute,
                   .bounds = {0, 1000000.0},
                   .documented = kUndocumented,
                   .help =
                       "Scale out while the queue (waiting and in flight) grows faster than this. "
                       "Guide: \"queue depth growing for 3 minutes: scale out\".",
                   .duration = "How long. Guide: 3 minutes.",
                   .rule = [](Policy& p) -> RulePolicy& { return p.proc.out.queue_growth; },
                   .documented_for = kOutFor,
                   .longest_for = kLongestOut}),
       RuleFields({.path = "proc.out.exec_latency",
                   .unit = PolicyUnit::kSeconds,
                   .bounds = {0.01, 86400},
                   .documented = kUndocumented,
                   .help = "Scale out above this execution p95. Guide: \"execution p95 above your "
                           "threshold for 5 minutes\"; off until a threshold is chosen.",
                   .duration = "How long. Guide: 5 minutes.",
                   .rule = [](Policy& p) -> RulePolicy& { return p.proc.out.exec_latency; },
                   .documented_for = kOutFor,
                   .longest_for = kLongestOut,
                   .enabled = "Evaluate this rule; off unless a threshold is set."}),
       RuleFields(
           {.path = "proc.out.queue_wait_fast",
            .unit = PolicyUnit::kSeconds,
            .bounds = {0.01, 3600},
            .documented = kUndocumented,
            .help = "Fast lane: scale out at or above this wait, 3 x the limit. Not in the guide; "
                    "policy `responsive`.",
            .duration = "How long.",
            .rule = [](Policy& p) -> RulePolicy& { return p.proc.out.queue_wait_fast; },
            .documented_for = kUndocumented,
            .longest_for = kLongestFast,
            .enabled = "Evaluate the fast lane."})});
}

std::vector<PolicyField> ProcInRules() {
  return Joined(
      {RuleFields(
           {.path = "proc.in.utilization",
            .unit = PolicyUnit::kRatio,
            .bounds = {0.01, 100},
            .documented = kUndocumented,
            .help = "Scale in only below this queue utilization. Guide: \"queue utilization < 0.3 "
                    "for 10-15 minutes: scale in\".",
            .duration = "How long. Guide: 10-15 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.proc.in.utilization; },
            .documented_for = kInFor,
            .longest_for = kLongestIn}),
       RuleFields(
           {.path = "proc.in.queue_wait",
            .unit = PolicyUnit::kSeconds,
            .bounds = {0.001, 3600},
            .documented = kUndocumented,
            .help = "Scale in only below this wait; no tasks at all counts as below. Guide: \"and "
                    "queue wait p95 < 1 s\".",
            .duration = "How long. Guide: 10-15 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.proc.in.queue_wait; },
            .documented_for = kInFor,
            .longest_for = kLongestIn}),
       RuleFields(
           {.path = "proc.in.pressure",
            .unit = PolicyUnit::kRatio,
            .bounds = {0.01, 100},
            .documented = kUndocumented,
            .help = "Scale in only below this pressure. Guide: \"and pressure ratio < 0.4 for 10 "
                    "minutes\".",
            .duration = "How long. Guide: 10-15 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.proc.in.pressure; },
            .documented_for = kInFor,
            .longest_for = kLongestIn}),
       RuleFields(
           {.path = "proc.in.queue_growth",
            .unit = PolicyUnit::kTasksPerMinute,
            .bounds = {0, 1000000.0},
            .documented = kUndocumented,
            .help = "Scale in only while the queue grows at most this fast. Guide: \"and the queue "
                    "is not growing\".",
            .duration = "",
            .rule = [](Policy& p) -> RulePolicy& { return p.proc.in.queue_growth; }})});
}

}  // namespace

std::vector<PolicyField> ProcFields() {
  return Joined({
      ReplicaFields("proc", [](Policy& p) -> ReplicaPolicy& { return p.proc.replicas; }),
      ProcOutRules(),
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
      ProcInRules(),
      {MinChangeField("proc.in.min_change",
                      [](Policy& p) -> double& { return p.proc.in.min_change; })},
      StepFields(
          {.path = "proc.in.step",
           .help = "Scale-in removes at most this many replicas per period, or the percentage if "
                   "that is more.",
           .most_percent = 100,
           .longest_period = 7200,
           .step = [](Policy& p) -> StepPolicy& { return p.proc.in.step; }}),
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
       {"proc.sizing.drain",
        PolicyUnit::kDuration,
        {1, 3600},
        kUndocumented,
        "A backlog gets the slots that clear it in this time. Guide: \"30-120 s is "
        "calmer\" than one slot per waiting task.",
        Time([](Policy& p) -> absl::Duration& { return p.proc.sizing.drain; })}},
      {LeadField("proc.sizing.lead",
                 [](Policy& p) -> absl::Duration& { return p.proc.sizing.lead; })},
  });
}

}  // namespace chatscale::recommender
