#include "recommender/policy_fields.h"

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace chatscale::recommender {

namespace {

using Fields = std::vector<PolicyField>;

constexpr Range kOnOff = {0, 1};
constexpr Range kReplicas = {1, 100'000};

template <typename Of>
void Add(Fields& fields, std::string path, PolicyUnit unit, Range bounds, std::string_view help,
         Of access, Range documented = kUndocumented) {
  using Value = std::remove_reference_t<std::invoke_result_t<Of, Policy&>>;
  fields.push_back({std::move(path), unit, bounds, documented, help,
                    FieldAccess(std::function<Value&(Policy&)>(std::move(access)))});
}

void AddInput(Fields& fields) {
  Add(
      fields, "allow_outside_documented_range", PolicyUnit::kSwitch, kOnOff,
      "Accept values outside the operating guide's ranges (still inside the hard bounds).",
      [](Policy & p) -> auto& { return p.allow_outside_documented_range; });
  Add(
      fields, "input.max_age", PolicyUnit::kDuration, {1, 3600},
      "A sample older than this is stale: every rule is unknown.",
      [](Policy & p) -> auto& { return p.input.max_age; });
  Add(
      fields, "input.hold", PolicyUnit::kDuration, {15, 86'400},
      "Without a usable sample for this long the recommendation is withheld, so that the "
      "autoscaler's own fallback works. Guide: \"unknown inputs: hold last published; hold at most "
      "T_hold\".",
      [](Policy & p) -> auto& { return p.input.hold; });
  Add(
      fields, "input.max_gap", PolicyUnit::kDuration, {5, 3600},
      "Silence longer than this starts every pending rule and every window afresh.",
      [](Policy & p) -> auto& { return p.input.gaps.max_gap; });
  Add(
      fields, "input.min_coverage", PolicyUnit::kRatio, {0, 1},
      "Share of a rule's duration, and of a window, that must have been measured. Guide: "
      "\"coverage at least 80 %\".",
      [](Policy & p) -> auto& { return p.input.gaps.min_coverage; });
  Add(
      fields, "input.min_samples", PolicyUnit::kCount, {1, 10'000},
      "A percentile of fewer samples is unknown.",
      [](Policy & p) -> auto& { return p.input.min_samples; });
  Add(
      fields, "input.trend_window", PolicyUnit::kDuration, {30, 3600},
      "Growth of streams and of the queue is the least-squares slope over this window.",
      [](Policy & p) -> auto& { return p.input.trend_window; });
}

void AddRules(Fields& fields, Service service, Direction direction) {
  for (const RuleRow& row : RuleRows(service)) {
    if (row.direction != direction) continue;
    const std::string path = PathOf(service, row);
    const std::size_t index = IndexOf(service, row);
    const auto add = [&](const char* leaf, PolicyUnit unit, const RuleSetting& setting,
                         auto RulePolicy::*member) {
      if (setting.help.empty()) return;
      Add(
          fields, absl::StrCat(path, ".", leaf), unit, setting.bounds, setting.help,
          [ service, index,
            member ](Policy & p) -> auto& { return p.rules[service][index].*member; },
          setting.documented);
    };
    add("enabled", PolicyUnit::kSwitch, {.bounds = kOnOff, .help = row.enabled_help},
        &RulePolicy::enabled);
    add("threshold", row.unit, row.threshold, &RulePolicy::threshold);
    add("for", PolicyUnit::kDuration, row.duration, &RulePolicy::duration);
    add("window", PolicyUnit::kDuration, row.window, &RulePolicy::window);
  }
}

// `of`: Policy& -> IngressPolicy& or ProcPolicy&.
template <typename Of>
void AddReplicas(Fields& fields, const std::string& service, Of of) {
  Add(
      fields, service + ".min_replicas", PolicyUnit::kCount, kReplicas,
      "Never recommend fewer. At least 1: a component without replicas cannot report demand.",
      [of](Policy & p) -> auto& { return of(p).replicas.min; });
  Add(
      fields, service + ".max_replicas", PolicyUnit::kCount, kReplicas,
      "Never recommend more. Catches nonsense; the autoscaler's own maximum is the one that limits "
      "spending.",
      [of](Policy & p) -> auto& { return of(p).replicas.max; });
  constexpr Range kNoneOrReplicas = {0, kReplicas.high};
  Add(
      fields, service + ".override.min_replicas", PolicyUnit::kCount, kNoneOrReplicas,
      "In place of min_replicas, until the instant below: how a person raises the count. 0 = no "
      "override.",
      [of](Policy & p) -> auto& { return of(p).replicas.temporary.min; });
  Add(
      fields, service + ".override.max_replicas", PolicyUnit::kCount, kNoneOrReplicas,
      "In place of max_replicas, until the instant below. 0 = no override.",
      [of](Policy & p) -> auto& { return of(p).replicas.temporary.max; });
  Add(
      fields, service + ".override.until", PolicyUnit::kInstant, {0, 4'102'444'800},
      "When the override ends.", [of](Policy & p) -> auto& {
        return of(p).replicas.temporary.until;
      });
}

// `of`: Policy& -> StepPolicy&.
template <typename Of>
void AddStep(Fields& fields, const std::string& path, std::string_view help, double most_percent,
             double longest_period, Of of) {
  Add(
      fields, path + ".replicas", PolicyUnit::kCount, kReplicas,
      help, [of](Policy & p) -> auto& { return of(p).replicas; });
  Add(
      fields, path + ".percent", PolicyUnit::kPercent, {0, most_percent},
      "Percentage of the count at the start of the period.", [of](Policy & p) -> auto& {
        return of(p).percent;
      });
  Add(
      fields, path + ".period", PolicyUnit::kDuration, {1, longest_period},
      "The period.", [of](Policy & p) -> auto& { return of(p).period; });
}

template <typename Of>
void AddOut(Fields& fields, const std::string& service, Of of) {
  Add(
      fields, service + ".out.stabilization", PolicyUnit::kDuration, {0, 3600},
      "A scale-out goes no further than the lowest size needed within this window; 0 = at once.",
      [of](Policy & p) -> auto& { return of(p).out.stabilization; });
  AddStep(
      fields, service + ".out.step",
      "Scale-out adds at most this many replicas per period, or the percentage if that is more.",
      10'000, 3600, [of](Policy & p) -> auto& { return of(p).out.step; });
  Add(
      fields, service + ".out.settle", PolicyUnit::kDuration, {15, 7200},
      "Where sizing is unknown, one replica is added, and the next not before this has "
      "passed: it must have started and shown in the signals.",
      [of](Policy & p) -> auto& { return of(p).out.settle; });
}

template <typename Of>
void AddIn(Fields& fields, const std::string& service, std::string_view step_help, Of of) {
  Add(
      fields, service + ".in.after_out", PolicyUnit::kDuration, {0, 7200},
      "No scale-in this long after a scale-out; 0 = at once.", [of](Policy & p) -> auto& {
        return of(p).in.after_out;
      });
  Add(
      fields, service + ".in.min_change", PolicyUnit::kRatio, {0, 0.9},
      "A scale-in smaller than this share of the count (and than one replica) is not worth a "
      "change.",
      [of](Policy & p) -> auto& { return of(p).in.min_change; });
  AddStep(
      fields, service + ".in.step", step_help, 100,
      7200, [of](Policy & p) -> auto& { return of(p).in.step; });
}

template <typename Of>
void AddLead(Fields& fields, const std::string& service, Of of) {
  Add(
      fields, service + ".sizing.lead", PolicyUnit::kLead, {0, 3600},
      "How far ahead growth is looked at, for the trigger and, where arrivals are not measured and "
      "for ingress, for the size of a scale-out: the time a replica takes to start, learned where "
      "it says auto (90s until then). Never used for scale-in.",
      [of](Policy & p) -> auto& { return of(p).sizing.lead; });
}

void AddIngress(Fields& fields) {
  const auto of = [](Policy & p) -> auto& { return p.ingress; };
  AddReplicas(fields, "ingress", of);
  AddRules(fields, Service::kIngress, Direction::kOut);
  Add(
      fields, "ingress.out.trigger.enabled", PolicyUnit::kSwitch, kOnOff,
      "Scale out before a rule fires, on what the streams will be. Not in the guide; policy "
      "`responsive`.",
      [](Policy & p) -> auto& { return p.ingress.out.trigger.enabled; });
  Add(
      fields, "ingress.out.trigger.share", PolicyUnit::kRatio, {0.05, 1},
      "Saturation that the streams of the lead time would exceed.",
      [](Policy & p) -> auto& { return p.ingress.out.trigger.share; });
  Add(
      fields, "ingress.out.trigger.target", PolicyUnit::kRatio, {0.05, 1},
      "Saturation this scale-out aims at.",
      [](Policy & p) -> auto& { return p.ingress.out.trigger.target; });
  AddOut(fields, "ingress", of);
  AddRules(fields, Service::kIngress, Direction::kIn);
  AddIn(fields, "ingress",
        "Scale-in removes at most this many replicas per period, or the percentage if that is "
        "more. Every replica removed cuts its streams.",
        of);
  Add(
      fields, "ingress.sizing.target", PolicyUnit::kRatio, {0.02, 1},
      "Saturation a change aims at: replicas = streams / (streams per replica x target). Scale-in "
      "threshold < target < scale-out threshold.",
      [](Policy & p) -> auto& { return p.ingress.sizing.target; });
  AddLead(fields, "ingress", of);
}

void AddProc(Fields& fields) {
  const auto of = [](Policy & p) -> auto& { return p.proc; };
  AddReplicas(fields, "proc", of);
  AddRules(fields, Service::kProc, Direction::kOut);
  Add(
      fields, "proc.out.trigger.enabled", PolicyUnit::kSwitch, kOnOff,
      "Scale out before a rule fires, on the load ahead. Not in the guide; policy `responsive`.",
      [](Policy & p) -> auto& { return p.proc.out.trigger.enabled; });
  Add(
      fields, "proc.out.trigger.share", PolicyUnit::kRatio, {0.001, 0.999},
      "Share of tasks that would wait longer than sizing.wait_limit.",
      [](Policy & p) -> auto& { return p.proc.out.trigger.share; });
  AddOut(fields, "proc", of);
  AddRules(fields, Service::kProc, Direction::kIn);
  AddIn(fields, "proc",
        "Scale-in removes at most this many replicas per period, or the percentage if that is "
        "more.",
        of);
  Add(
      fields, "proc.sizing.wait_limit", PolicyUnit::kSeconds, {0.01, 3600},
      "Wait that sizing promises; between the thresholds of queue_wait. Erlang-C: slots for "
      "P(wait > limit) <= wait_share.",
      [](Policy & p) -> auto& { return p.proc.sizing.wait_limit; });
  Add(
      fields, "proc.sizing.wait_share", PolicyUnit::kRatio, {0.0001, 0.5},
      "Share of tasks that may wait longer than wait_limit. Guide: 5 %, \"p95 wait <= limit\".",
      [](Policy & p) -> auto& { return p.proc.sizing.wait_share; });
  Add(
      fields, "proc.sizing.in_share", PolicyUnit::kRatio, {0.0001, 0.5},
      "The same share, for the size that a scale-in leaves: mean load of two minutes, highest of "
      "the in-window.",
      [](Policy & p) -> auto& { return p.proc.sizing.in_share; });
  Add(
      fields, "proc.sizing.drain", PolicyUnit::kDuration, {1, 3600},
      "A backlog gets the slots that clear it in this time. Guide: \"30-120 s is calmer\" than one "
      "slot per waiting task.",
      [](Policy & p) -> auto& { return p.proc.sizing.drain; });
  AddLead(fields, "proc", of);
  Add(
      fields, "proc.sizing.seasons", PolicyUnit::kSwitch, kOnOff,
      "Expect at least the load of this time on earlier days, while that has helped more than it "
      "cost. Not in the guide; policy `responsive`.",
      [](Policy & p) -> auto& { return p.proc.sizing.seasons; });
}

// Connection budgets and the service level objective.
void AddShared(Fields& fields) {
  constexpr Range kConnections = {0, 1'000'000};
  constexpr Range kHeadroom = {0, 0.95};
  Add(
      fields, "budget.postgres.reserved", PolicyUnit::kCount, kConnections,
      "PostgreSQL connections kept for others: 3 of the superuser and other clients.",
      [](Policy & p) -> auto& { return p.budget.postgres.reserved; });
  Add(
      fields, "budget.postgres.headroom", PolicyUnit::kRatio, kHeadroom,
      "Share of the rest that is never planned for. Guide: 0.15.",
      [](Policy & p) -> auto& { return p.budget.postgres.headroom; });
  Add(
      fields, "budget.redis.reserved", PolicyUnit::kCount, kConnections,
      "Redis connections kept for others.",
      [](Policy & p) -> auto& { return p.budget.redis.reserved; });
  Add(
      fields, "budget.redis.headroom", PolicyUnit::kRatio, kHeadroom,
      "Share of the rest that is never planned for.",
      [](Policy & p) -> auto& { return p.budget.redis.headroom; });
  Add(
      fields, "budget.surge", PolicyUnit::kRatio, {0, 2},
      "Extra replicas a rollout runs at the same time, as a share of the count. Guide: \"times "
      "(1 + surge) during rollouts\".",
      [](Policy & p) -> auto& { return p.budget.surge; });
  Add(
      fields, "slo.objective", PolicyUnit::kRatio, {0.5, 0.9999},
      "Service level objective: this share of requests is admitted, and this share of tasks is "
      "taken within wait_limit, over 30 days. Alerts fire when the rest is used up too fast.",
      [](Policy & p) -> auto& { return p.slo.objective; });
  Add(
      fields, "slo.wait_limit", PolicyUnit::kSeconds, {0.1, 300},
      "How long a task may wait. A bound of the histogram: 0.1, 0.5, 1, 2, 3, 5, 10, 30, 60, 120 "
      "or 300.",
      [](Policy & p) -> auto& { return p.slo.wait_limit; });
  Add(
      fields, "slo.min_events", PolicyUnit::kCount, {1, 1'000'000},
      "With fewer requests or tasks than this in the longer of its two windows no alert fires.",
      [](Policy & p) -> auto& { return p.slo.min_events; });
}

}  // namespace

const std::vector<PolicyField>& PolicyFields() {
  static const Fields fields = [] {
    Fields all;
    AddInput(all);
    AddIngress(all);
    AddProc(all);
    AddShared(all);
    return all;
  }();
  return fields;
}

}  // namespace chatscale::recommender
