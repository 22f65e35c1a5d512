// Policy fields of both services: input, and the connections they share.
#include "recommender/policy_field_rows.h"

namespace chatscale::recommender {

std::vector<PolicyField> InputFields() {
  return {
      {"allow_outside_documented_range",
       PolicyUnit::kSwitch,
       {0, 1},
       kUndocumented,
       "Accept values outside the operating guide's ranges (still inside the hard "
       "bounds).",
       Switch([](Policy& p) -> bool& { return p.allow_outside_documented_range; })},
      {"input.max_age",
       PolicyUnit::kDuration,
       {1, 3600},
       kUndocumented,
       "A sample older than this says nothing any more: every rule is unknown.",
       Time([](Policy& p) -> absl::Duration& { return p.input.max_age; })},
      {"input.hold",
       PolicyUnit::kDuration,
       {15, 86400},
       kUndocumented,
       "Without a usable sample for this long the advice is withheld, so that the "
       "autoscaler's own fallback works. Guide: \"unknown inputs: hold last published; "
       "hold at most T_hold\".",
       Time([](Policy& p) -> absl::Duration& { return p.input.hold; })},
      {"input.max_gap",
       PolicyUnit::kDuration,
       {5, 3600},
       kUndocumented,
       "Silence longer than this starts every pending rule and every window afresh.",
       Time([](Policy& p) -> absl::Duration& { return p.input.gaps.max_gap; })},
      {"input.min_coverage",
       PolicyUnit::kRatio,
       {0, 1},
       kUndocumented,
       "Share of a rule's duration, and of a window, that must have been measured. "
       "Guide: \"coverage at least 80 %\".",
       Number([](Policy& p) -> double& { return p.input.gaps.min_coverage; })},
      {"input.min_samples",
       PolicyUnit::kCount,
       {1, 10000},
       kUndocumented,
       "A percentile of fewer samples is unknown.",
       Number([](Policy& p) -> double& { return p.input.min_samples; })},
      {"input.trend_window",
       PolicyUnit::kDuration,
       {30, 3600},
       kUndocumented,
       "Growth of streams and of the queue is the least-squares slope over this "
       "window.",
       Time([](Policy& p) -> absl::Duration& { return p.input.trend_window; })},
  };
}

std::vector<PolicyField> BudgetFields() {
  return {
      {"budget.postgres.reserved",
       PolicyUnit::kCount,
       {0, 1000000.0},
       kUndocumented,
       "PostgreSQL connections kept for others: 3 of the superuser and other clients.",
       Number([](Policy& p) -> double& { return p.budget.postgres.reserved; })},
      {"budget.postgres.headroom",
       PolicyUnit::kRatio,
       {0, 0.95},
       kUndocumented,
       "Share of the rest that is never planned for. Guide: 0.15.",
       Number([](Policy& p) -> double& { return p.budget.postgres.headroom; })},
      {"budget.redis.reserved",
       PolicyUnit::kCount,
       {0, 1000000.0},
       kUndocumented,
       "Redis connections kept for others.",
       Number([](Policy& p) -> double& { return p.budget.redis.reserved; })},
      {"budget.redis.headroom",
       PolicyUnit::kRatio,
       {0, 0.95},
       kUndocumented,
       "Share of the rest that is never planned for.",
       Number([](Policy& p) -> double& { return p.budget.redis.headroom; })},
      {"budget.surge",
       PolicyUnit::kRatio,
       {0, 2},
       kUndocumented,
       "Extra replicas a rollout runs at the same time, as a share of the count. "
       "Guide: \"times (1 + surge) during rollouts\".",
       Number([](Policy& p) -> double& { return p.budget.surge; })},
  };
}

std::vector<PolicyField> SloFields() {
  return {
      {"slo.objective",
       PolicyUnit::kRatio,
       {0.5, 0.9999},
       kUndocumented,
       "Service level objective: this share of requests is admitted, and this share of tasks is "
       "taken within wait_limit, over 30 days. Alerts fire when the rest is used up too fast.",
       Number([](Policy& p) -> double& { return p.slo.objective; })},
      {"slo.wait_limit",
       PolicyUnit::kSeconds,
       {0.1, 300},
       kUndocumented,
       "How long a task may wait. A bound of the histogram: 0.1, 0.5, 1, 2, 3, 5, 10, 30, 60, 120 "
       "or 300.",
       Number([](Policy& p) -> double& { return p.slo.wait_limit; })},
      {"slo.min_events",
       PolicyUnit::kCount,
       {1, 1000000.0},
       kUndocumented,
       "With fewer requests or tasks than this in the longer of its two windows no alert fires.",
       Number([](Policy& p) -> double& { return p.slo.min_events; })},
  };
}

}  // namespace chatscale::recommender
