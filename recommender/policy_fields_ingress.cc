// Policy fields of ingress.
#include "recommender/policy_field_rows.h"

namespace chatscale::recommender {

std::vector<PolicyField> IngressFields() {
  return Joined({
      ReplicaFields("ingress", [](Policy& p) -> ReplicaPolicy& { return p.ingress.replicas; }),
      RuleFields(Service::kIngress, Direction::kOut),
      {{"ingress.out.trigger.enabled",
        PolicyUnit::kSwitch,
        {0, 1},
        kUndocumented,
        "Scale out before a rule fires, on what the streams will be. Not in the guide; policy "
        "`responsive`.",
        Switch([](Policy& p) -> bool& { return p.ingress.out.trigger.enabled; })},
       {"ingress.out.trigger.share",
        PolicyUnit::kRatio,
        {0.05, 1},
        kUndocumented,
        "Saturation that the streams of the lead time would exceed.",
        Number([](Policy& p) -> double& { return p.ingress.out.trigger.share; })},
       {"ingress.out.trigger.target",
        PolicyUnit::kRatio,
        {0.05, 1},
        kUndocumented,
        "Saturation this scale-out aims at.",
        Number([](Policy& p) -> double& { return p.ingress.out.trigger.target; })}},
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
      RuleFields(Service::kIngress, Direction::kIn),
      {AfterOutField("ingress.in.after_out",
                     [](Policy& p) -> absl::Duration& { return p.ingress.in.after_out; })},
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
      {LeadField("ingress.sizing.lead", [](Policy& p) -> Lead& { return p.ingress.sizing.lead; })},
  });
}

}  // namespace chatscale::recommender
