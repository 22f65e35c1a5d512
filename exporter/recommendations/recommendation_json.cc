#include "exporter/recommendations/recommendation_json.h"

#include <nlohmann/json.hpp>

#include "recommender/recommendation.h"
#include "recommender/rule.h"

namespace chatscale {
namespace {

using nlohmann::json;
using recommender::Recommendation;
using recommender::RuleReport;
using recommender::SizingReport;

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json SizingJson(const SizingReport& sizing) {
  return {{"demand", OrNull(sizing.demand)},
          {"demand_is_lower_bound", sizing.at_least},
          {"waiting", OrNull(sizing.waiting)},
          {"jobs_waiting", OrNull(sizing.jobs_waiting)},
          {"draining_tasks", sizing.draining_load},
          {"orphaned_tasks", sizing.orphaned},
          {"blocked_tasks", sizing.blocked_tasks},
          {"blocked_slots", sizing.blocked_slots},
          {"lost_tasks", sizing.lost_tasks},
          {"need", OrNull(sizing.need)},
          {"window_need", OrNull(sizing.window_need)},
          {"out_need", OrNull(sizing.out_need)},
          {"drain_slots", OrNull(sizing.drain_slots)},
          {"service_seconds", OrNull(sizing.service_seconds)},
          {"offered_load", OrNull(sizing.offered_load)},
          {"peakedness", OrNull(sizing.peakedness)},
          {"forecast", OrNull(sizing.forecast)},
          {"ahead_by_forecast", sizing.by_forecast},
          {"forecast_helped_slots", OrNull(sizing.forecast_helped)},
          {"forecast_idle_slots", OrNull(sizing.forecast_idle)},
          {"ahead", OrNull(sizing.ahead)},
          {"ahead_share", OrNull(sizing.ahead_share)},
          {"startup_seconds", OrNull(sizing.startup_seconds)},
          {"per_replica", OrNull(sizing.per_replica)},
          {"want_replicas", OrNull(sizing.want)}};
}

}  // namespace

json TimeJson(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return nullptr;
  return absl::ToDoubleSeconds(time - absl::UnixEpoch());
}

json ReasonsJson(const recommender::ReasonList& reasons) {
  json names = json::array();
  for (const recommender::Reason reason : reasons) names.push_back(recommender::Text(reason).name);
  return names;
}

json RulesJson(const Recommendation& recommendation) {
  json rules = json::array();
  for (std::size_t i = 0; i < recommendation.rule_count; ++i) {
    const RuleReport& rule = recommendation.rules[i];
    if (rule.status == recommender::RuleStatus::kOff) continue;
    const recommender::RuleRow& row = *rule.row;
    rules.push_back({{"rule", row.name},
                     {"direction", NameOf(row.direction)},
                     {"state", recommender::RuleStatusName(rule.status)},
                     {"value", OrNull(rule.value)},
                     {"threshold", rule.threshold},
                     {"desired_replicas", OrNull(rule.desired)},
                     {"since", TimeJson(rule.since)},
                     {"for_seconds", absl::ToDoubleSeconds(rule.required)}});
  }
  return rules;
}

json RecommendationJson(const Target& target, const Recommendations& recommendations,
                        Service service) {
  const ServiceRecommendation& recommended = recommendations.services[service];
  const Recommendation& r = recommended.recommendation;
  const recommender::AutoscalerValues values = AutoscalerValuesOf(recommendations, service);
  json out = {{"tenant", target.tenant},
              {"project", target.project},
              {"component", NameOf(service)},
              {"valid", r.valid()},
              {"desired_replicas", OrNull(values.desired)},
              {"raw_desired_replicas", OrNull(r.raw)},
              {"compensated_desired_replicas", OrNull(values.compensated)},
              {"ratio_percent", OrNull(values.ratio_percent)},
              {"current_replicas", OrNull(r.current)},
              {"draining_replicas", r.draining},
              {"min_replicas", r.min},
              {"max_replicas", r.max},
              {"decision", recommender::DecisionName(r.decision)},
              {"sentence", recommended.sentence},
              {"limited", ReasonsJson(r.limited)},
              {"notes", ReasonsJson(r.notes)},
              {"evaluated_at", TimeJson(recommendations.evaluated_at)},
              {"input_age_seconds", nullptr},
              {"rules", RulesJson(r)},
              {"sizing", SizingJson(r.sizing)}};
  if (r.view_until.has_value()) {
    out["first_view"] = {{"since", TimeJson(*r.view_since)}, {"until", TimeJson(*r.view_until)}};
  }
  if (r.override_until.has_value()) out["override_until"] = TimeJson(*r.override_until);
  out["dry_run"] = recommendations.dry_run;
  if (recommendations.dry_run) out["dry_run_desired_replicas"] = OrNull(r.desired);
  if (r.input_age != absl::InfiniteDuration()) {
    out["input_age_seconds"] = absl::ToDoubleSeconds(r.input_age);
  }
  return out;
}

}  // namespace chatscale
