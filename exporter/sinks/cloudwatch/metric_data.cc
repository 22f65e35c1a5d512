#include "exporter/sinks/cloudwatch/metric_data.h"

#include <algorithm>
#include <cmath>

#include "exporter/sinks/percent_encoded.h"
#include "exporter/sinks/timed_families.h"

namespace chatscale {
namespace {

// CloudWatch has names with slashes.
std::string NameOf(const MetricRow& row) {
  std::string name(row.name);
  std::ranges::replace(name, '.', '/');
  return name;
}

std::string_view UnitOf(const MetricRow& row) {
  switch (row.unit) {
    case Unit::kSeconds:
      return "Seconds";
    case Unit::kBytes:
      return "Bytes";
    case Unit::kRatio:
      return "None";
    case Unit::kNone:
      return row.name.ends_with("_percent") ? "Percent" : "Count";
  }
  return "None";
}

// Text of ours is UTF-8; what is not ASCII stays different from everything else.
std::string DimensionValue(const std::string& text) {
  return IsDimensionValue(text) ? text : PercentEncoded(text);
}

Dimensions WithLabels(Dimensions dimensions, const Labels& labels) {
  for (const auto& [name, value] : labels) {
    const auto same = [&name = name](const auto& dimension) { return dimension.first == name; };
    if (dimensions.size() < kMostDimensions && std::ranges::none_of(dimensions, same)) {
      dimensions.emplace_back(name, DimensionValue(value));
    }
  }
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

std::vector<MetricDatum> MetricDataOf(const Publication& publication,
                                      const Dimensions& dimensions) {
  std::vector<MetricDatum> data;
  const absl::Time now = publication.view->built_at;
  for (const TargetView& target : publication.view->targets) {
    EachTimedFamily(publication, target, [&](const SampleFamily& family, absl::Time at) {
      const MetricRow& row = *family.row;
      if (!row.contract || row.kind != Kind::kGauge || !Fits(at, now)) return;
      for (const Sample& sample : family.samples) {
        if (!Fits(sample.value)) continue;
        data.push_back(
            {NameOf(row), WithLabels(dimensions, sample.labels), UnitOf(row), sample.value, at});
      }
    });
  }
  return data;
}

}  // namespace chatscale
