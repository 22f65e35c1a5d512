#include "exporter/core/catalogue.h"

#include <algorithm>
#include <cmath>

#include "exporter/core/catalogue_sections.h"
#include "exporter/core/number_text.h"

namespace chatscale {

void Emit::operator()(Labels labels, MaybeNumber value) const {
  if (!value || !std::isfinite(*value)) return;
  out_->push_back({std::move(labels), *value});
}

void Emit::operator()(const std::optional<TimeHistogram>& histogram) const {
  if (!histogram) return;
  double below = 0;
  for (std::size_t b = 0; b < histogram->counts.size(); ++b) {
    below += histogram->counts[b];
    const bool last = b == kTimeBounds.size();
    out_->push_back({{{"le", last ? "+Inf" : NumberText(kTimeBounds[b])}}, below, "_bucket"});
  }
  out_->push_back({{}, histogram->sum_seconds, "_sum"});
  out_->push_back({{}, below, "_count"});
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

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return "counter";
    case Kind::kHistogram:
      return "histogram";
    case Kind::kGauge:
      break;
  }
  return "gauge";
}

std::string PrometheusName(std::string_view dotted) {
  std::string name(dotted);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

}  // namespace chatscale
