#include "exporter/web/page/history_json.h"

#include <nlohmann/json.hpp>
#include <set>

#include "recommender/rule_table.h"

namespace chatscale {
namespace {

using nlohmann::json;
using recommender::Recommendation;

template <typename T>
json ListOf(const std::vector<std::optional<T>>& values) {
  json list = json::array();
  for (const auto& value : values) list.push_back(value ? json(*value) : json());
  return list;
}

// Of the rules that compare the signal, each once.
json ThresholdsOf(const Recommendation& given, const HistorySignal& signal) {
  json thresholds = json::array();
  std::set<std::pair<recommender::Direction, double>> seen;
  for (std::size_t i = 0; i < given.rule_count; ++i) {
    const recommender::RuleReport& rule = given.rules[i];
    if (rule.row->signal != signal.name || rule.status == recommender::RuleStatus::kOff) {
      continue;
    }
    if (!seen.emplace(rule.row->direction, rule.threshold).second) continue;
    thresholds.push_back(
        {{"direction", recommender::NameOf(rule.row->direction)}, {"value", rule.threshold}});
  }
  return thresholds;
}

}  // namespace

std::string HistoryJson(const TargetView& target, const TargetHistory& history) {
  json document = {{"at", json::array()}, {"services", json::object()}};
  for (const absl::Time at : history.at)
    document["at"].push_back(absl::ToDoubleSeconds(at - absl::UnixEpoch()));
  for (const Service service : kServices) {
    const ServiceHistory& kept = history.services[service];
    const Recommendation given =
        target.advice ? target.advice->services[service].recommendation : Recommendation();
    json signals = json::array();
    for (std::size_t s = 0; s < kept.signals.size(); ++s) {
      const HistorySignal& signal = SignalsOfHistory(service)[s];
      signals.push_back({{"name", signal.name},
                         {"unit", recommender::UnitName(signal.unit)},
                         {"values", ListOf(kept.signals[s])},
                         {"thresholds", ThresholdsOf(given, signal)}});
    }
    document["services"][recommender::NameOf(service)] = {{"current", ListOf(kept.current)},
                                                          {"desired", ListOf(kept.desired)},
                                                          {"signals", std::move(signals)}};
  }
  return document.dump();
}

}  // namespace chatscale
