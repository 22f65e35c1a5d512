#include "exporter/sinks/cloudwatch/metric_data.h"

#include <algorithm>
#include <cmath>

#include "exporter/model/text.h"
#include "exporter/sinks/timed_families.h"

namespace chatscale {
namespace {

// Text of ours is UTF-8; what is not ASCII stays different from everything else.
std::string DimensionValue(const std::string& text) {
  return IsDimensionValue(text) ? text : PercentEncoded(text);
}

// Without a label two series would be one: of too many, the fixed ones give way.
Dimensions WithLabels(Dimensions dimensions, const Labels& labels, bool name_targets) {
  Dimensions added;
  for (const auto& [name, value] : labels) {
    if (!name_targets && (name == "tenant" || name == "project")) continue;
    const auto same = [&name = name](const auto& dimension) { return dimension.first == name; };
    if (std::ranges::none_of(dimensions, same)) added.emplace_back(name, DimensionValue(value));
  }
  dimensions.resize(std::min(dimensions.size(), kMostDimensions - added.size()));
  dimensions.insert(dimensions.end(), added.begin(), added.end());
  return dimensions;
}

// Beyond that CloudWatch refuses the whole request.
bool Fits(double value) {
  const double size = std::abs(value);
  return size == 0 || (size >= std::ldexp(1, -360) && size <= std::ldexp(1, 360));
}
bool Fits(absl::Time at, absl::Time now) {
  return now - at < absl::Hours(14 * 24) && at - now < absl::Hours(2);
}

}  // namespace

std::vector<MetricDatum> MetricDataOf(const Publication& publication, const Dimensions& dimensions,
                                      bool name_targets) {
  std::vector<MetricDatum> data;
  const absl::Time now = publication.view->built_at;
  for (const TargetView& target : publication.view->targets) {
    EachTimedFamily(publication, target, [&](const PublishedFamily& family, absl::Time at) {
      const PublishedRow& as = *family.as;
      if (!as.contract || as.row->type != MetricType::Gauge || !Fits(at, now)) return;
      for (const ClientMetric& metric : family.data.metric) {
        if (!Fits(metric.gauge.value)) continue;
        data.push_back({as.cloudwatch_name, WithLabels(dimensions, metric.label, name_targets),
                        as.cloudwatch_unit, metric.gauge.value, at});
      }
    });
  }
  return data;
}

}  // namespace chatscale
