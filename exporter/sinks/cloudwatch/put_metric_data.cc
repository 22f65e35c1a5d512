#include "exporter/sinks/cloudwatch/put_metric_data.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "exporter/model/text.h"

namespace chatscale {
namespace {

void AppendField(std::string_view prefix, std::string_view name, std::string_view value,
                 std::string& form) {
  form += '&';
  form += prefix;
  form += name;
  form += '=';
  form += PercentEncoded(value);
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string DatumForm(const MetricDatum& datum, std::size_t number, bool high_resolution) {
  const std::string prefix = absl::StrCat("MetricData.member.", number, ".");
  std::string form;
  AppendField(prefix, "MetricName", datum.name, form);
  for (std::size_t i = 0; i < datum.dimensions.size(); ++i) {
    const std::string dimension = absl::StrCat(prefix, "Dimensions.member.", i + 1, ".");
    AppendField(dimension, "Name", datum.dimensions[i].first, form);
    AppendField(dimension, "Value", datum.dimensions[i].second, form);
  }
  AppendField(prefix, "Timestamp", TimeText(datum.at), form);
  AppendField(prefix, "Value", NumberText(datum.value), form);
  AppendField(prefix, "Unit", datum.unit, form);
  if (high_resolution) AppendField(prefix, "StorageResolution", "1", form);
  return form;
}

}  // namespace

std::vector<std::string> PutMetricDataForms(std::string_view name_space,
                                            const std::vector<MetricDatum>& data,
                                            bool high_resolution) {
  const std::string head =
      "Action=PutMetricData&Version=2010-08-01&Namespace=" + PercentEncoded(name_space);
  std::vector<std::string> forms;
  std::size_t number = 0;
  for (const MetricDatum& datum : data) {
    std::string form = DatumForm(datum, number + 1, high_resolution);
    if (forms.empty() || number == kMostData || forms.back().size() + form.size() > kMostBytes) {
      forms.push_back(head);
      number = 0;
      form = DatumForm(datum, 1, high_resolution);
    }
    forms.back() += form;
    ++number;
  }
  return forms;
}

std::string PutMetricDataJson(std::string_view name_space, const std::vector<MetricDatum>& data,
                              bool high_resolution) {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array();
  for (const MetricDatum& datum : data) {
    ordered_json dimensions = ordered_json::array();
    for (const auto& [name, value] : datum.dimensions) {
      dimensions.push_back({{"Name", name}, {"Value", value}});
    }
    ordered_json& entry = list.emplace_back(ordered_json::object());
    entry["MetricName"] = datum.name;
    entry["Dimensions"] = std::move(dimensions);
    entry["Timestamp"] = TimeText(datum.at);
    entry["Value"] = datum.value;
    entry["Unit"] = datum.unit;
    if (high_resolution) entry["StorageResolution"] = 1;
  }
  return ordered_json({{"Namespace", name_space}, {"MetricData", std::move(list)}}).dump(2);
}

}  // namespace chatscale
