#include "exporter/sinks/cloudwatch/metric_data.h"

#include <algorithm>
#include <cmath>

#include "exporter/core/samples.h"
#include "exporter/sinks/percent_encoded.h"
#include "exporter/sinks/sample_time.h"

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
  constexpr std::size_t kLongest = 1024;
  if (IsDimensionValue(text)) return text;
  std::string coded = PercentEncoded(text).substr(0, kLongest);
  return coded.empty() ? "-" : coded;
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

void AddTarget(const View& view, const TargetView& target, const SampleLimits& limits,
               const Dimensions& dimensions, std::vector<MetricDatum>& data) {
  View one;
  one.built_at = view.built_at;
  one.mode = view.mode;
  one.targets = {target};
  EachFamily(one, limits, Rows::kAll, [&](const SampleFamily& family) {
    const MetricRow& row = *family.row;
    const std::optional<absl::Time> at = SampleTime(row, target, view);
    if (!row.contract || row.kind != Kind::kGauge) return;
    if (!at.has_value() || !Fits(*at, view.built_at)) return;
    for (const Sample& sample : family.samples) {
      if (!Fits(sample.value)) continue;
      data.push_back(
          {NameOf(row), WithLabels(dimensions, sample.labels), UnitOf(row), sample.value, *at});
    }
  });
}

}  // namespace

std::vector<MetricDatum> MetricDataOf(const Publication& publication,
                                      const Dimensions& dimensions) {
  std::vector<MetricDatum> data;
  for (const TargetView& target : publication.view->targets) {
    AddTarget(*publication.view, target, publication.limits, dimensions, data);
  }
  return data;
}

}  // namespace chatscale
