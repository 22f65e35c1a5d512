#include "recommender/policy_field_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace chatscale::recommender {

namespace {

std::string Under(std::string_view path, const char* leaf) {
  return absl::StrCat(std::string(path), ".", leaf);
}

void AddRule(Service service, const RuleRow& row, std::vector<PolicyField>& fields) {
  const std::string path = PathOf(service, row);
  const std::size_t index = IndexOf(service, row);
  const auto add = [&]<typename Value>(const char* leaf, PolicyUnit unit,
                                       const RuleSetting& setting, Value RulePolicy::*member) {
    if (setting.help.empty()) return;
    fields.push_back({Under(path, leaf), unit, setting.bounds, setting.documented, setting.help,
                      Access<Value>([service, index, member](Policy& p) -> Value& {
                        return p.rules[service][index].*member;
                      })});
  };
  add("enabled", PolicyUnit::kSwitch, {{0, 1}, kUndocumented, row.enabled_help},
      &RulePolicy::enabled);
  add("threshold", row.unit, row.threshold, &RulePolicy::threshold);
  add("for", PolicyUnit::kDuration, row.duration, &RulePolicy::duration);
  add("dead_band", PolicyUnit::kRatio,
      {{0, 0.5},
       kUndocumented,
       "Share of the threshold by which a firing rule may fall back and still fire; 0 = none."},
      &RulePolicy::dead_band);
  add("window", PolicyUnit::kDuration, row.window, &RulePolicy::window);
}

}  // namespace

std::vector<PolicyField> RuleFields(Service service, Direction direction) {
  std::vector<PolicyField> fields;
  for (const RuleRow& row : RuleRows(service)) {
    if (row.direction == direction) AddRule(service, row, fields);
  }
  return fields;
}

std::vector<PolicyField> StepFields(const StepSpec& spec) {
  const Access<StepPolicy>& step = spec.step;
  return {
      {Under(spec.path, "replicas"),
       PolicyUnit::kCount,
       {1, 100000},
       kUndocumented,
       spec.help,
       Whole([step](Policy& p) -> int& { return step(p).replicas; })},
      {Under(spec.path, "percent"),
       PolicyUnit::kPercent,
       {0, spec.most_percent},
       kUndocumented,
       "Percentage of the count at the start of the period.",
       Number([step](Policy& p) -> double& { return step(p).percent; })},
      {Under(spec.path, "period"),
       PolicyUnit::kDuration,
       {1, spec.longest_period},
       kUndocumented,
       "The period.",
       Time([step](Policy& p) -> absl::Duration& { return step(p).period; })},
  };
}

std::vector<PolicyField> ReplicaFields(std::string_view service,
                                       const Access<ReplicaPolicy>& replicas) {
  return {
      {Under(service, "min_replicas"),
       PolicyUnit::kCount,
       {1, 100000},
       kUndocumented,
       "Never advise fewer. At least 1: a component without replicas cannot report "
       "demand.",
       Whole([replicas](Policy& p) -> int& { return replicas(p).min; })},
      {Under(service, "max_replicas"),
       PolicyUnit::kCount,
       {1, 100000},
       kUndocumented,
       "Never advise more. Catches nonsense; the autoscaler's own maximum is the one "
       "that limits spending.",
       Whole([replicas](Policy& p) -> int& { return replicas(p).max; })},
      {Under(service, "override.min_replicas"),
       PolicyUnit::kCount,
       {0, 100000},
       kUndocumented,
       "In place of min_replicas, until the instant below: how a person raises the count. 0 = no "
       "override.",
       Whole([replicas](Policy& p) -> int& { return replicas(p).temporary.min; })},
      {Under(service, "override.max_replicas"),
       PolicyUnit::kCount,
       {0, 100000},
       kUndocumented,
       "In place of max_replicas, until the instant below. 0 = no override.",
       Whole([replicas](Policy& p) -> int& { return replicas(p).temporary.max; })},
      {Under(service, "override.until"),
       PolicyUnit::kInstant,
       {0, 4102444800},
       kUndocumented,
       "When the override ends.",
       Instant([replicas](Policy& p) -> absl::Time& { return replicas(p).temporary.until; })},
  };
}

PolicyField StabilizationField(std::string_view path, Time access) {
  return {std::string(path),
          PolicyUnit::kDuration,
          {0, 3600},
          kUndocumented,
          "A scale-out goes no further than the lowest size needed within this window; 0 "
          "= at once.",
          std::move(access)};
}

PolicyField SettleField(std::string_view path, Time access) {
  return {std::string(path),
          PolicyUnit::kDuration,
          {15, 7200},
          kUndocumented,
          "Where sizing cannot tell how many, one replica is added, and the next not "
          "before this has passed: it must have started and shown in the signals.",
          std::move(access)};
}

PolicyField AfterOutField(std::string_view path, Time access) {
  return {std::string(path),
          PolicyUnit::kDuration,
          {0, 7200},
          kUndocumented,
          "No scale-in this long after a scale-out; 0 = at once.",
          std::move(access)};
}

PolicyField MinChangeField(std::string_view path, Number access) {
  return {std::string(path),
          PolicyUnit::kRatio,
          {0, 0.9},
          kUndocumented,
          "A scale-in smaller than this share of the count (and than one replica) is not "
          "worth a change.",
          std::move(access)};
}

PolicyField LeadField(std::string_view path, LeadTime access) {
  return {
      std::string(path),
      PolicyUnit::kLead,
      {0, 3600},
      kUndocumented,
      "How far ahead growth is looked at, for the trigger and, where arrivals are not measured "
      "and for ingress, for the size of a scale-out: the time a replica takes to start, learned "
      "where it says auto (90s until then). Never used for scale-in.",
      std::move(access)};
}

std::vector<PolicyField> Joined(std::initializer_list<std::vector<PolicyField>> parts) {
  std::vector<PolicyField> all;
  for (const std::vector<PolicyField>& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace chatscale::recommender
