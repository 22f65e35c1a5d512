// Catalogue rows of the recommender: the recommendation, its reasons, and autoscaler forms.
#include <array>

#include "exporter/metrics/catalogue_rows.h"
#include "recommender/rule.h"

namespace chatscale {
namespace {

using recommender::Decision;
using recommender::Recommendation;
using recommender::RuleReport;
using recommender::RuleStatus;
using recommender::SizingReport;

// Calls use(recommendation, labels) for each service.
template <typename Use>
void EachService(const TargetView& target, Use use) {
  if (!target.recommendations) return;
  for (const Service service : kServices) {
    use(target.recommendations->services[service], Labels{{"component", NameOf(service)}});
  }
}

using ReadNumber = MaybeNumber (*)(const Recommendation&);

template <ReadNumber read>
void EmitNumber(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& labels) {
    emit(labels, read(recommendations.recommendation));
  });
}

// The values on which autoscalers act.
template <auto member>
void EmitDelivered(const TargetView& target, const Emit& emit) {
  if (!target.recommendations) return;
  for (const Service service : kServices) {
    emit({{"component", NameOf(service)}},
         AutoscalerValuesOf(*target.recommendations, service).*member);
  }
}

MaybeNumber Desired(const Recommendation& r) { return r.desired; }
MaybeNumber Raw(const Recommendation& r) { return r.raw; }
MaybeNumber Current(const Recommendation& r) { return r.current; }
MaybeNumber Min(const Recommendation& r) { return r.min; }
MaybeNumber Max(const Recommendation& r) { return r.max; }
// Absent for a service that is neither deployed nor needed.
MaybeNumber Valid(const Recommendation& r) {
  if (r.fresh && r.current == 0 && !r.desired && !r.view_until && !r.incident) return std::nullopt;
  return r.valid() ? 1 : 0;
}
MaybeNumber Fresh(const Recommendation& r) { return r.fresh ? 1 : 0; }
MaybeNumber Incident(const Recommendation& r) { return r.incident ? 1 : 0; }
MaybeNumber Shortfall(const Recommendation& r) { return r.connection_shortfall; }
template <MaybeNumber SizingReport::*member>
MaybeNumber Sizing(const Recommendation& r) {
  return r.sizing.*member;
}
MaybeNumber ForecastUsed(const Recommendation& r) {
  return r.sizing.forecast.has_value() ? MaybeNumber(r.sizing.by_forecast ? 1 : 0) : std::nullopt;
}
void EmitDryRun(const TargetView& target, const Emit& emit) {
  if (target.recommendations && target.recommendations->dry_run) EmitNumber<Desired>(target, emit);
}

void EmitDecision(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& service) {
    for (const Decision decision : {Decision::kScaleOut, Decision::kHold, Decision::kScaleIn}) {
      Labels labels = service;
      labels.push_back({"decision", std::string(recommender::DecisionName(decision))});
      emit(labels, recommendations.recommendation.decision == decision ? 1 : 0);
    }
  });
}

void EmitDecisions(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& service) {
    for (const Decision decision : {Decision::kScaleOut, Decision::kScaleIn}) {
      Labels labels = service;
      labels.push_back({"decision", std::string(recommender::DecisionName(decision))});
      emit(labels,
           static_cast<double>(recommendations.decisions[static_cast<std::size_t>(decision)]));
    }
  });
}

void EmitLastDecision(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& labels) {
    if (recommendations.last_decision == absl::InfinitePast()) return;
    emit(labels, absl::ToDoubleSeconds(recommendations.last_decision - absl::UnixEpoch()));
  });
}

void EmitEvaluated(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation&, const Labels& labels) {
    emit(labels, absl::ToDoubleSeconds(target.recommendations->evaluated_at - absl::UnixEpoch()));
  });
}

// Guard rails only, not notes.
void EmitLimited(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& service) {
    for (std::size_t i = 0; i < recommender::kReasonCount; ++i) {
      const auto reason = static_cast<recommender::Reason>(i);
      if (reason >= recommender::Reason::kStarted) break;
      Labels labels = service;
      labels.push_back({"reason", std::string(recommender::Text(reason).name)});
      emit(labels, recommendations.recommendation.limited.Has(reason) ? 1 : 0);
    }
  });
}

// Notes: conditions that limit nothing.
void EmitConditions(const TargetView& target, const Emit& emit) {
  using recommender::Reason;
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& service) {
    for (const Reason reason :
         {Reason::kSurplus, Reason::kShortage, Reason::kBlocked, Reason::kOrphaned,
          Reason::kDraining, Reason::kDoubted, Reason::kLostWork}) {
      Labels labels = service;
      labels.push_back({"condition", std::string(recommender::Text(reason).name)});
      emit(labels, recommendations.recommendation.notes.Has(reason) ? 1 : 0);
    }
  });
}

void EmitOverride(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& labels) {
    const std::optional<absl::Time> until = recommendations.recommendation.override_until;
    if (until.has_value()) emit(labels, absl::ToDoubleSeconds(*until - absl::UnixEpoch()));
  });
}

// Of proc only.
template <double SizingReport::*member>
void EmitTasks(const TargetView& target, const Emit& emit) {
  if (!target.recommendations || !target.recommendations->services.proc.recommendation.fresh)
    return;
  emit({{"component", "proc"}},
       target.recommendations->services.proc.recommendation.sizing.*member);
}

template <typename Use>
void EachRule(const TargetView& target, Use use) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& service) {
    const Recommendation& recommendation = recommendations.recommendation;
    for (std::size_t i = 0; i < recommendation.rule_count; ++i) {
      const RuleReport& rule = recommendation.rules[i];
      if (rule.status == RuleStatus::kOff) continue;
      const recommender::RuleRow& row = *rule.row;
      Labels labels = service;
      labels.push_back({"rule", std::string(row.name)});
      labels.push_back({"direction", std::string(NameOf(row.direction))});
      use(rule, labels);
    }
  });
}

void EmitRuleState(const TargetView& target, const Emit& emit) {
  EachRule(target, [&](const RuleReport& rule, const Labels& base) {
    for (const RuleStatus status :
         {RuleStatus::kInactive, RuleStatus::kPending, RuleStatus::kActive, RuleStatus::kNoData}) {
      Labels labels = base;
      labels.push_back({"state", std::string(recommender::RuleStatusName(status))});
      emit(labels, rule.status == status ? 1 : 0);
    }
  });
}

void EmitRuleValue(const TargetView& target, const Emit& emit) {
  EachRule(target, [&](const RuleReport& rule, const Labels& labels) { emit(labels, rule.value); });
}

void EmitRuleThreshold(const TargetView& target, const Emit& emit) {
  EachRule(target,
           [&](const RuleReport& rule, const Labels& labels) { emit(labels, rule.threshold); });
}

void EmitRuleDesired(const TargetView& target, const Emit& emit) {
  EachRule(target,
           [&](const RuleReport& rule, const Labels& labels) { emit(labels, rule.desired); });
}

void EmitEvaluationErrors(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& labels) {
    emit(labels, static_cast<double>(recommendations.errors));
  });
}

// The age grows after the evaluation.
void EmitInputAge(const TargetView& target, const Emit& emit) {
  EachService(target, [&](const ServiceRecommendation& recommendations, const Labels& labels) {
    const absl::Duration age = recommendations.recommendation.input_age;
    if (age == absl::InfiniteDuration()) return;
    emit(labels, absl::ToDoubleSeconds(age + (emit.now() - target.built_at)));
  });
}

std::vector<MetricRow> RecommendationRows() {
  return {
      {.name = "chat.recommender.desired_replicas",
       .help = "Replicas recommended; an integer, at least the minimum. Absent when no "
               "recommendation is valid: "
               "never NaN, never 0.",
       .of_target = EmitDelivered<&recommender::AutoscalerValues::desired>,
       .contract = true,
       .labels = {"component"}},
      {.name = "chat.recommender.dry_run_desired_replicas",
       .help = "Replicas that would be recommended: in place of desired_replicas and the other "
               "forms for autoscalers, with "
               "METRICS_DRY_RUN only.",
       .of_target = EmitDryRun,
       .labels = {"component"}},
      {.name = "chat.recommender.raw_desired_replicas",
       .help = "Replicas the rules and the sizing proposed, before the guard rails.",
       .of_target = EmitNumber<Raw>,
       .labels = {"component"}},
      {.name = "chat.recommender.compensated_desired_replicas",
       .help =
           "Replicas recommended, for an HPA whose tolerance is 10 % and cannot be set: up to 10 % "
           "more than desired. Never fewer as long as the HPA counts the replicas that are "
           "observed here; while one starts or stops, it may keep up to 10 % fewer.",
       .of_target = EmitDelivered<&recommender::AutoscalerValues::compensated>,
       .contract = true,
       .labels = {"component"}},
      {.name = "chat.recommender.ratio_percent",
       .help = "100 x desired / current, for CloudWatch target tracking at 100; replicas that run "
               "beyond what was recommended, as in a rollout, are not counted. Absent without a "
               "running replica.",
       .of_target = EmitDelivered<&recommender::AutoscalerValues::ratio_percent>,
       .contract = true,
       .labels = {"component"}},
      {.name = "chat.recommender.current_replicas",
       .help = "Replicas observed: instances with a live process that accepts work.",
       .of_target = EmitNumber<Current>,
       .contract = true,
       .labels = {"component"}},
      {.name = "chat.recommender.min_replicas",
       .help = "Fewest replicas the policy recommends.",
       .of_target = EmitNumber<Min>,
       .labels = {"component"}},
      {.name = "chat.recommender.max_replicas",
       .help = "Most replicas the policy recommends.",
       .of_target = EmitNumber<Max>,
       .labels = {"component"}},
      {.name = "chat.recommender.valid",
       .help = "1 while there is a recommendation; absent for a service that was never there.",
       .of_target = EmitNumber<Valid>,
       .contract = true,
       .labels = {"component"}},
      {.name = "chat.recommender.input_fresh",
       .help = "1 while the input is not stale.",
       .of_target = EmitNumber<Fresh>,
       .labels = {"component"}},
      {.name = "chat.recommender.input_age_seconds",
       .unit = Unit::kSeconds,
       .help = "Age of the input behind the recommendation; absent before the first.",
       .of_target = EmitInputAge,
       .age = true,
       .labels = {"component"}},
  };
}

std::vector<MetricRow> SizingRows() {
  return {
      {.name = "chat.recommender.offered_load",
       .help = "Offered load in slots: arrivals per second x mean execution time. "
               "Processor only; absent where arrivals are not measured.",
       .of_target = EmitNumber<Sizing<&SizingReport::offered_load>>,
       .labels = {"component"}},
      {.name = "chat.recommender.service_seconds",
       .unit = Unit::kSeconds,
       .help = "Mean execution time used for sizing, smoothed over ten minutes.",
       .of_target = EmitNumber<Sizing<&SizingReport::service_seconds>>,
       .labels = {"component"}},
      {.name = "chat.recommender.peakedness",
       .help = "Peakedness of arrivals (variance / mean), learned over half an hour: 1 = Poisson, "
               "up to 6.",
       .of_target = EmitNumber<Sizing<&SizingReport::peakedness>>,
       .labels = {"component"}},
      {.name = "chat.recommender.startup_seconds",
       .unit = Unit::kSeconds,
       .help =
           "From the recommendation to one more replica that is observed, learned from the last 15 "
           "scale-outs: their 75th percentile. Absent until three were measured.",
       .of_target = EmitNumber<Sizing<&SizingReport::startup_seconds>>,
       .labels = {"component"}},
      {.name = "chat.recommender.forecast",
       .help =
           "Offered load in slots after the lead time, by earlier days at that time. Absent with "
           "less than two days, and where proc.sizing.seasons is off.",
       .of_target = EmitNumber<Sizing<&SizingReport::forecast>>,
       .labels = {"component"}},
      {.name = "chat.recommender.forecast_used",
       .help = "1 while sizing uses the forecast: it exceeds the measured load, and has helped "
               "more than it cost.",
       .of_target = EmitNumber<ForecastUsed>,
       .labels = {"component"}},
      {.name = "chat.recommender.forecast_helped_slots",
       .help =
           "Slots that the forecast had over what was measured, and that were needed: mean, two "
           "days back.",
       .of_target = EmitNumber<Sizing<&SizingReport::forecast_helped>>,
       .labels = {"component"}},
      {.name = "chat.recommender.forecast_idle_slots",
       .help = "Slots of the forecast that were not needed: mean, two days back. It is used while "
               "they are fewer than twice those that helped.",
       .of_target = EmitNumber<Sizing<&SizingReport::forecast_idle>>,
       .labels = {"component"}},
      {.name = "chat.recommender.ahead_share",
       .help =
           "With the replicas recommended, after the growth of the lead time: share of tasks that "
           "would wait longer than sizing.wait_limit (processor); saturation (ingress).",
       .of_target = EmitNumber<Sizing<&SizingReport::ahead_share>>,
       .labels = {"component"}},
  };
}

std::vector<MetricRow> ReasonRows() {
  return {
      {.name = "chat.recommender.decision",
       .help = "1 for the decision of the last evaluation: scale_out, hold or scale_in.",
       .of_target = EmitDecision,
       .labels = {"component", "decision"}},
      {.name = "chat.recommender.decisions_total",
       .type = MetricType::Counter,
       .help = "Changes of the recommendation.",
       .of_target = EmitDecisions,
       .labels = {"component", "decision"}},
      {.name = "chat.recommender.limited",
       .help = "1 while this guard rail changes what the rules propose.",
       .of_target = EmitLimited,
       .labels = {"component", "reason"}},
      {.name = "chat.recommender.condition",
       .help =
           "1 while this holds, which limits nothing: surplus, shortage = more or fewer replicas "
           "observed than recommended for ten minutes; blocked = tasks wait beside free slots "
           "that take none; orphaned = claimed tasks without a live process; draining = "
           "draining replicas are left out; doubted = the queue has fewer tasks than run, and is "
           "unknown; lost_work = most tasks leave the queue without a run.",
       .of_target = EmitConditions,
       .labels = {"component", "condition"}},
      {.name = "chat.recommender.blocked_tasks",
       .help = "Waiting tasks that more replicas would not help: slots are free and take none.",
       .of_target = EmitTasks<&SizingReport::blocked_tasks>,
       .labels = {"component"}},
      {.name = "chat.recommender.blocked_slots",
       .help = "Free task slots that take none of the waiting tasks.",
       .of_target = EmitTasks<&SizingReport::blocked_slots>,
       .labels = {"component"}},
      {.name = "chat.recommender.orphaned_tasks",
       .help = "Claimed tasks that no live process runs: they raise no recommendation, and block "
               "scale-in. Includes waiting tasks where their number is unknown.",
       .of_target = EmitTasks<&SizingReport::orphaned>,
       .labels = {"component"}},
      {.name = "chat.recommender.lost_tasks",
       .help = "Tasks of the last five minutes that left the queue without being run.",
       .of_target = EmitTasks<&SizingReport::lost_tasks>,
       .labels = {"component"}},
      {.name = "chat.recommender.override_until_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the override of the policy ends, Unix time; absent without one.",
       .of_target = EmitOverride,
       .labels = {"component"}},
      {.name = "chat.recommender.connection_shortfall_replicas",
       .help = "Replicas that the connection budget of PostgreSQL or Redis refuses.",
       .of_target = EmitNumber<Shortfall>,
       .labels = {"component"}},
      {.name = "chat.recommender.incident",
       .help = "1 while there is work and no replica is observed.",
       .of_target = EmitNumber<Incident>,
       .labels = {"component"}},
  };
}

std::vector<MetricRow> RuleRows() {
  return {
      {.name = "chat.recommender.rule_state",
       .help = "1 for the state the rule is in; rules that are off have no series.",
       .of_target = EmitRuleState,
       .most_series = 4 * (recommender::kIngressRules.size() + recommender::kProcRules.size()),
       .labels = {"component", "rule", "direction", "state"}},
      {.name = "chat.recommender.rule_value",
       .help = "What the rule compares, in its base unit; absent when unknown.",
       .of_target = EmitRuleValue,
       .labels = {"component", "rule", "direction"}},
      {.name = "chat.recommender.rule_threshold",
       .help = "What the rule compares with, in its base unit.",
       .of_target = EmitRuleThreshold,
       .labels = {"component", "rule", "direction"}},
      {.name = "chat.recommender.rule_desired_replicas",
       .help = "Replicas that an active rule alone would propose, before the guard rails; "
               "absent while it is not active.",
       .of_target = EmitRuleDesired,
       .labels = {"component", "rule", "direction"}},
      {.name = "chat.recommender.evaluation_errors_total",
       .type = MetricType::Counter,
       .help = "Evaluations without usable input: missing, stale, or without a figure of the "
               "component.",
       .of_target = EmitEvaluationErrors,
       .labels = {"component"}},
      {.name = "chat.recommender.last_decision_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the recommendation last changed, Unix time (simulated in demo mode).",
       .of_target = EmitLastDecision,
       .labels = {"component"}},
      {.name = "chat.recommender.last_evaluation_timestamp_seconds",
       .unit = Unit::kSeconds,
       .help = "When the rules were last evaluated, Unix time (simulated in demo mode).",
       .of_target = EmitEvaluated,
       .labels = {"component"}},
  };
}

}  // namespace

std::vector<MetricRow> RecommenderRows() {
  std::vector<MetricRow> rows = RecommendationRows();
  for (MetricRow& row : SizingRows()) rows.push_back(row);
  for (MetricRow& row : ReasonRows()) rows.push_back(row);
  for (MetricRow& row : RuleRows()) rows.push_back(row);
  return rows;
}

}  // namespace chatscale
