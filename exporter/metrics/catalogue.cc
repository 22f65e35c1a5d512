#include "exporter/metrics/catalogue.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "exporter/metrics/catalogue_rows.h"

namespace chatscale {

void Emit::operator()(Labels labels, MaybeNumber value) const {
  if (!value || !std::isfinite(*value)) return;
  ClientMetric& metric = out_->emplace_back();
  metric.label = std::move(labels);
  (type_ == MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
}

void Emit::operator()(const std::optional<TimeHistogram>& histogram) const {
  if (!histogram) return;
  ClientMetric::Histogram& out = out_->emplace_back().histogram;
  for (std::size_t b = 0; b < histogram->counts.size(); ++b) {
    out.sample_count += static_cast<std::uint64_t>(histogram->counts[b]);
    const bool last = b == kTimeBounds.size();
    out.bucket.push_back(
        {out.sample_count, last ? std::numeric_limits<double>::infinity() : kTimeBounds[b]});
  }
  out.sample_sum = histogram->sum_seconds;
}

double ValueOf(MetricType type, const ClientMetric& metric) {
  return type == MetricType::Counter ? metric.counter.value : metric.gauge.value;
}

std::span<const MetricRow> Catalogue() {
  static const std::vector<MetricRow> rows = [] {
    std::vector<MetricRow> all;
    for (auto section : {IngressRows(), QueueRows(), CountRows(), FleetRows(), RecommenderRows(),
                         ExporterRows()}) {
      all.insert(all.end(), section.begin(), section.end());
    }
    return all;
  }();
  return rows;
}

const MetricRow* FindRow(std::string_view name) {
  const auto row = std::ranges::find(Catalogue(), name, &MetricRow::name);
  return row == Catalogue().end() ? nullptr : &*row;
}

std::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Histogram:
      return "histogram";
    default:
      return "gauge";
  }
}

std::string PrometheusName(std::string_view dotted) {
  std::string name(dotted);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

}  // namespace chatscale
