#include "exporter/metrics/self_metrics.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <map>
#include <span>
#include <string>

#include "exporter/metrics/process_metrics.h"

namespace chatscale {
namespace {

template <typename T>
prometheus::Family<T>& Register(std::string_view name, prometheus::detail::Builder<T> builder,
                                prometheus::Registry& registry) {
  const MetricRow* row = FindRow(name);
  assert(row != nullptr && row->type == T::metric_type && !row->IsOfTargets());
  return builder.Name(PrometheusName(name)).Help(std::string(row->help)).Register(registry);
}

// Labels of our own rows, by the name that Prometheus knows.
const std::map<std::string, std::span<const std::string_view>>& LabelOrders() {
  static const std::map<std::string, std::span<const std::string_view>> orders = [] {
    std::map<std::string, std::span<const std::string_view>> all;
    for (const MetricRow& row : Catalogue()) {
      if (!row.IsOfTargets()) all.emplace(PrometheusName(row.name), row.labels);
    }
    return all;
  }();
  return orders;
}

void Sort(prometheus::MetricFamily& family) {
  const auto& order = LabelOrders().at(family.name);
  for (ClientMetric& metric : family.metric) {
    std::ranges::sort(metric.label, {}, [&](const Label& label) {
      return std::ranges::find(order, label.name) - order.begin();
    });
  }
  std::ranges::sort(family.metric, {}, &ClientMetric::label);
}

bool HasLabels(const ClientMetric& metric, const prometheus::Labels& labels) {
  return metric.label.size() == labels.size() &&
         std::ranges::all_of(metric.label, [&](const Label& label) {
           const auto wanted = labels.find(label.name);
           return wanted != labels.end() && wanted->second == label.value;
         });
}

}  // namespace

prometheus::Family<prometheus::Counter>& SelfMetrics::Counter(std::string_view name) {
  return Register(name, prometheus::BuildCounter(), registry_);
}

prometheus::Family<prometheus::Gauge>& SelfMetrics::Gauge(std::string_view name) {
  return Register(name, prometheus::BuildGauge(), registry_);
}

prometheus::Family<prometheus::Histogram>& SelfMetrics::Histogram(std::string_view name) {
  return Register(name, prometheus::BuildHistogram(), registry_);
}

std::vector<prometheus::MetricFamily> SelfMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  for (prometheus::MetricFamily& family : families) Sort(family);
  std::ranges::move(ProcessFamilies(), std::back_inserter(families));
  return families;
}

MaybeNumber ValueIn(const std::vector<prometheus::MetricFamily>& families, std::string_view name,
                    const prometheus::Labels& labels) {
  const std::string full_name = PrometheusName(name);
  for (const prometheus::MetricFamily& family : families) {
    if (family.name != full_name) continue;
    for (const ClientMetric& metric : family.metric) {
      if (HasLabels(metric, labels)) return ValueOf(family.type, metric);
    }
  }
  return std::nullopt;
}

}  // namespace chatscale
