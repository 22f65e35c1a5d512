#include "exporter/core/catalogue.h"

#include <algorithm>
#include <cmath>

#include "exporter/core/catalogue_sections.h"

namespace chatscale {

void Emit::operator()(Labels labels, MaybeNumber value) const {
  if (!value || !std::isfinite(*value)) return;
  out_->push_back({std::move(labels), *value});
}

std::span<const MetricRow> Catalogue() {
  static const std::vector<MetricRow> rows = [] {
    std::vector<MetricRow> all;
    for (auto section : {IngressRows(), QueueRows(), FleetRows(), ExporterRows()}) {
      all.insert(all.end(), section.begin(), section.end());
    }
    return all;
  }();
  return rows;
}

std::string PrometheusName(std::string_view dotted) {
  std::string name(dotted);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::string CloudWatchName(std::string_view dotted) {
  std::string name(dotted);
  std::replace(name.begin(), name.end(), '.', '/');
  return name;
}

std::string_view CloudWatchUnit(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "Seconds";
    case Unit::kRatio:
      return "None";
    case Unit::kBytes:
      return "Bytes";
    case Unit::kNone:
      return "Count";
  }
  return "None";
}

}  // namespace chatscale
