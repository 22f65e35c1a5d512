// Amazon CloudWatch. AWS' own variables are taken where there are some, from the environment alone.
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "exporter/config/setting_text.h"
#include "exporter/config/settings_subjects.h"
#include "exporter/core/cloudwatch_text.h"
#include "exporter/core/header_text.h"

namespace chatscale {
namespace {

using CloudWatch = CloudWatchConfig;
constexpr auto kCloudWatch = &Config::cloudwatch;

bool IsRegion(std::string_view text) {
  return text.size() <= 32 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// [{"Name": …, "Value": …}], as ECS has them.
std::optional<std::vector<std::pair<std::string, std::string>>> NameValueListFrom(
    std::string_view text) {
  const auto list = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& entry : list) {
    if (!entry.is_object() || entry.size() != 2) return std::nullopt;
    const auto name = entry.find("Name"), value = entry.find("Value");
    if (name == entry.end() || value == entry.end() || !name->is_string() || !value->is_string()) {
      return std::nullopt;
    }
    pairs.emplace_back(name->get<std::string>(), value->get<std::string>());
  }
  return pairs;
}

bool TakeDimensions(std::string_view text, Config& c) {
  auto pairs = NameValueListFrom(text);
  if (!pairs) pairs = TextMapFrom(text);
  if (!pairs || pairs->size() > kMostDimensions) return false;
  std::set<std::string_view> names;
  for (const auto& [name, value] : *pairs) {
    const bool new_name = names.insert(name).second;
    if (!new_name || !IsDimensionName(name) || !IsDimensionValue(value)) return false;
  }
  c.cloudwatch.dimensions = *std::move(pairs);
  return true;
}

Setting Region(std::string_view flag, std::string_view variable) {
  return {flag, variable, Text({kCloudWatch, &CloudWatch::region}, "an AWS region", IsRegion),
          "CloudWatch: region"};
}

Setting Endpoint(std::string_view variable) {
  return {"", variable, BaseUrl({kCloudWatch, &CloudWatch::endpoint}),
          "CloudWatch: where to send to, instead of AWS"};
}

Setting Secret(std::string_view variable, std::string CloudWatch::*member, std::string_view help) {
  return {"", variable,
          Text({kCloudWatch, member}, "text without control characters", IsHeaderValue), help,
          true};
}

}  // namespace

std::vector<Setting> CloudWatchSettings() {
  return {
      {"--cloudwatch.enabled", "METRICS_EXPORT_CLOUDWATCH",
       Flag({kCloudWatch, &CloudWatch::enabled}), "Export to Amazon CloudWatch"},
      {"--cloudwatch.namespace", "METRICS_CLOUDWATCH_NAMESPACE",
       Text({kCloudWatch, &CloudWatch::name_space}, "a CloudWatch namespace", IsNamespace),
       "CloudWatch: namespace of the metrics"},
      Region("", "AWS_DEFAULT_REGION"),
      Region("", "AWS_REGION"),
      Region("--cloudwatch.region", "METRICS_CLOUDWATCH_REGION"),
      {"--cloudwatch.dimensions",
       "METRICS_CLOUDWATCH_DIMENSIONS_JSON",
       {"a JSON object of names and values, or a list of {\"Name\", \"Value\"}, at most 30, in "
        "printable ASCII",
        "", TakeDimensions},
       "CloudWatch: dimensions of every metric"},
      {"--cloudwatch.high-resolution", "METRICS_CLOUDWATCH_HIGH_RESOLUTION",
       Flag({kCloudWatch, &CloudWatch::high_resolution}),
       "CloudWatch: keep values by the second (StorageResolution 1), not by the minute"},
      Endpoint("AWS_ENDPOINT_URL"),
      Endpoint("AWS_ENDPOINT_URL_CLOUDWATCH"),
      Secret("AWS_ACCESS_KEY_ID", &CloudWatch::key_id, "CloudWatch: access key"),
      Secret("AWS_SECRET_ACCESS_KEY", &CloudWatch::secret, "CloudWatch: its secret"),
      Secret("AWS_SESSION_TOKEN", &CloudWatch::session_token, "CloudWatch: token of the session"),
  };
}

}  // namespace chatscale
