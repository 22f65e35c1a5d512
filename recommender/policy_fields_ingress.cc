// Policy fields of ingress.
#include "recommender/policy_field_rows.h"

namespace chatscale::recommender {

namespace {

std::vector<PolicyField> IngressOutRules() {
  return Joined(
      {RuleFields(
           {.path = "ingress.out.saturation",
            .unit = PolicyUnit::kRatio,
            .bounds = {0.05, 1},
            .documented = kUndocumented,
            .help = "Scale out above this share of open streams. Guide: \"SSE saturation > 0.7 for "
                    "2-5 minutes: scale out\".",
            .duration = "How long. Guide: 2-5 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.ingress.out.saturation; },
            .documented_for = kOutFor,
            .longest_for = kLongestOut}),
       RuleFields(
           {.path = "ingress.out.rest_latency",
            .unit = PolicyUnit::kSeconds,
            .bounds = {0.01, 600},
            .documented = {1, 2},
            .help = "Scale out above this REST p95. Guide: \"REST p95 above 1-2 s for 5 minutes: "
                    "scale out\".",
            .duration = "How long. Guide: 2-5 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.ingress.out.rest_latency; },
            .documented_for = kOutFor,
            .longest_for = kLongestOut}),
       RuleFields({.path = "ingress.out.saturation_fast",
                   .unit = PolicyUnit::kRatio,
                   .bounds = {0.05, 1},
                   .documented = kUndocumented,
                   .help =
                       "Fast lane: scale out at or above this saturation. Not in the guide; policy "
                       "`responsive`.",
                   .duration = "How long.",
                   .rule = [](Policy& p) -> RulePolicy& { return p.ingress.out.saturation_fast; },
                   .documented_for = kUndocumented,
                   .longest_for = kLongestFast,
                   .enabled = "Evaluate the fast lane."})});
}

std::vector<PolicyField> IngressInRules() {
  return Joined(
      {RuleFields(
           {.path = "ingress.in.saturation",
            .unit = PolicyUnit::kRatio,
            .bounds = {0.01, 1},
            .documented = kUndocumented,
            .help = "Scale in only below this share of open streams. Guide: \"SSE saturation < 0.3 "
                    "for 10-15 minutes: scale in\".",
            .duration = "How long. Guide: 10-15 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.ingress.in.saturation; },
            .documented_for = kInFor,
            .longest_for = kLongestIn}),
       RuleFields(
           {.path = "ingress.in.rest_latency",
            .unit = PolicyUnit::kSeconds,
            .bounds = {0.001, 600},
            .documented = kUndocumented,
            .help = "Scale in only below this REST p95; no requests at all counts as below. Guide: "
                    "\"and REST p95 < 0.5 s\".",
            .duration = "How long. Guide: 10-15 minutes.",
            .rule = [](Policy& p) -> RulePolicy& { return p.ingress.in.rest_latency; },
            .documented_for = kInFor,
            .longest_for = kLongestIn})});
}

}  // namespace

std::vector<PolicyField> IngressFields() {
  return Joined({
      ReplicaFields("ingress", [](Policy& p) -> ReplicaPolicy& { return p.ingress.replicas; }),
      IngressOutRules(),
      {StabilizationField(
          "ingress.out.stabilization",
          [](Policy& p) -> absl::Duration& { return p.ingress.out.stabilization; })},
      StepFields({.path = "ingress.out.step",
                  .help =
                      "Scale-out adds at most this many replicas per period, or the percentage if "
                      "that is more.",
                  .most_percent = 10000,
                  .longest_period = 3600,
                  .step = [](Policy& p) -> StepPolicy& { return p.ingress.out.step; }}),
      {SettleField("ingress.out.settle",
                   [](Policy& p) -> absl::Duration& { return p.ingress.out.settle; })},
      IngressInRules(),
      {MinChangeField("ingress.in.min_change",
                      [](Policy& p) -> double& { return p.ingress.in.min_change; })},
      StepFields(
          {.path = "ingress.in.step",
           .help = "Scale-in removes at most this many replicas per period, or the percentage if "
                   "that is more. Every replica removed cuts its streams.",
           .most_percent = 100,
           .longest_period = 7200,
           .step = [](Policy& p) -> StepPolicy& { return p.ingress.in.step; }}),
      {{"ingress.sizing.target",
        PolicyUnit::kRatio,
        {0.02, 1},
        kUndocumented,
        "Saturation a change aims at: replicas = streams / (streams per replica x "
        "target). In gate < target < out gate.",
        Number([](Policy& p) -> double& { return p.ingress.sizing.target; })}},
      {LeadField("ingress.sizing.lead",
                 [](Policy& p) -> absl::Duration& { return p.ingress.sizing.lead; })},
  });
}

}  // namespace chatscale::recommender
