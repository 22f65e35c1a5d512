#include "exporter/sinks/cloudwatch_sink.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "exporter/metrics/exposition.h"
#include "exporter/model/clock.h"
#include "exporter/model/text.h"
#include "exporter/sinks/http_outcome.h"
#include "exporter/sinks/text_sinks.h"

namespace chatscale {

namespace {

// Percent-encodes values that are not valid, which keeps them distinct.
std::string DimensionValue(const std::string& text) {
  return IsDimensionValue(text) ? text : PercentEncoded(text);
}

// Labels keep series apart, so beyond the limit the fixed dimensions are dropped.
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

// Out of range, CloudWatch rejects the whole request.
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

namespace {

// "Throttling" from "<Code>Throttling</Code>". The message is never shown: for a wrong signature it
// quotes the signed text, which contains the session token.
std::string ErrorCode(std::string_view body) {
  constexpr std::string_view kOpen = "<Code>";
  constexpr std::size_t kLongest = 64;
  const auto at = body.find(kOpen);
  if (at == body.npos) return "";
  const std::string_view rest = body.substr(at + kOpen.size(), kLongest);
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
  };
  return {rest.begin(), std::ranges::find_if_not(rest, letter)};
}

// Expired session credentials.
bool IsExpired(std::string_view code) { return code.starts_with("ExpiredToken"); }

absl::Status Outcome(const absl::StatusOr<HttpResponse>& response, const std::string& code) {
  if (!response.ok() || response->status / 100 != 4 || response->status == 429) {
    return HttpOutcome(response);
  }
  const std::string text =
      absl::StrCat("HTTP status ", response->status, code.empty() ? "" : ": " + code);
  // AWS reports throttling as 400.
  if (code.find("Throttl") != code.npos) return absl::ResourceExhaustedError(text);
  // A retry has newer credentials or another timestamp.
  if (IsExpired(code) || code == "RequestExpired") return absl::UnavailableError(text);
  return absl::InvalidArgumentError(text);
}

}  // namespace

std::string EndpointOfRegion(std::string_view region) {
  return absl::StrCat("https://monitoring.", std::string(region), ".amazonaws.com",
                      region.starts_with("cn-") ? ".cn" : "");
}

CloudWatchSink::CloudWatchSink(CloudWatchOptions options, FetchAwsCredentials credentials)
    : options_(std::move(options)),
      endpoint_(options_.endpoint.empty() ? EndpointOfRegion(options_.region) : options_.endpoint),
      credentials_(std::move(credentials)) {}

absl::Status CloudWatchSink::Deliver(const Publication& publication, absl::Duration timeout) {
  const std::vector<std::string> forms = PutMetricDataForms(
      options_.name_space, MetricDataOf(publication, options_.dimensions, options_.name_targets),
      options_.high_resolution);
  return parts_.Deliver(
      publication.view, forms, timeout,
      [this](const std::string& form, absl::Duration left) { return SignAndSend(form, left); });
}

absl::Status CloudWatchSink::SignAndSend(const std::string& form, absl::Duration timeout) {
  const Stopwatch begun;
  const absl::StatusOr<AwsCredentials> credentials = credentials_.Get(absl::Now(), timeout);
  if (!credentials.ok()) return credentials.status();
  const absl::Duration left = std::max(absl::ZeroDuration(), timeout - begun.Elapsed());
  const absl::StatusOr<HttpResponse> response = client_.Exchange(Signed(*credentials, form), left);
  const std::string code = response.ok() ? ErrorCode(response->body) : "";
  if (IsExpired(code)) credentials_.Forget();
  return Outcome(response, code);
}

HttpRequest CloudWatchSink::Signed(const AwsCredentials& credentials,
                                   const std::string& form) const {
  constexpr std::size_t kWorthCompressing = 1024;
  HttpRequest request{.method = "POST", .url = endpoint_ + "/"};
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  if (!credentials.session_token.empty()) {
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  if (form.size() > kWorthCompressing) {
    request.headers.emplace_back("Content-Encoding", "gzip");
    request.body = Gzip(form);
  } else {
    request.body = form;
  }
  request.aws = AwsSignature{options_.region, "monitoring", credentials.key_id, credentials.secret};
  return request;
}

}  // namespace chatscale
