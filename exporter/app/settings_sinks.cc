// Settings of the sinks and of metric names.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "exporter/app/setting_value.h"
#include "exporter/app/settings.h"
#include "exporter/metrics/naming.h"
#include "exporter/model/text.h"

namespace chatscale {

namespace {

using CloudWatch = CloudWatchOptions;
using AwsKeys = AwsCredentialsOptions;
constexpr auto kCloudWatch = &Config::cloudwatch;

bool IsRegion(std::string_view text) {
  return text.size() <= 32 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// [{"Name": …, "Value": …}], the format of ECS.
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

// A path on the host of the ECS agent, which is fixed.
bool IsRelativeUri(std::string_view text) {
  return text.starts_with('/') && text.find_first_of(" \t\r\n#") == text.npos;
}

// HTTPS to any host, but plain HTTP only to this machine and the fixed addresses of ECS and EKS, as
// the request contains the token.
bool IsFullUri(std::string_view text) {
  constexpr std::array<std::string_view, 6> kPlain = {
      "localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  const auto scheme = text.find("://");
  if (scheme == text.npos || text.find_first_of("@ \t\r\n#\\") != text.npos) return false;
  std::string_view host = text.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?"));
  const auto bracket = host.rfind(']');
  host = host.substr(0, host.find(':', bracket == host.npos ? 0 : bracket));
  if (host.empty()) return false;
  if (text.starts_with("https://")) return true;
  return text.starts_with("http://") && std::ranges::find(kPlain, host) != kPlain.end();
}

Setting Variable(std::string_view name, SettingValue value, std::string_view help) {
  return {"", name, std::move(value), help};
}

Setting Region(std::string_view flag, std::string_view variable) {
  return {flag, variable, Text({kCloudWatch, &CloudWatch::region}, "an AWS region", IsRegion),
          "CloudWatch: region"};
}

Setting Endpoint(std::string_view variable) {
  return {"", variable, BaseUrl({kCloudWatch, &CloudWatch::endpoint}),
          "CloudWatch: where to send to, instead of AWS"};
}

Setting Secret(std::string_view variable, std::string AwsKeys::*member, std::string_view help) {
  return {"", variable,
          Text({kCloudWatch, &CloudWatch::credentials, member}, "text without control characters",
               IsHeaderValue),
          help, true};
}

}  // namespace

// Settings that AWS defines as environment variables keep that name, and have no flag.
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
      Secret("AWS_ACCESS_KEY_ID", &AwsKeys::key_id, "CloudWatch: access key"),
      Secret("AWS_SECRET_ACCESS_KEY", &AwsKeys::secret, "CloudWatch: its secret"),
      Secret("AWS_SESSION_TOKEN", &AwsKeys::session_token, "CloudWatch: token of the session"),
      Variable("AWS_PROFILE", Text({kCloudWatch, &CloudWatch::credentials, &AwsKeys::profile}),
               "CloudWatch, without a key: profile of the credentials file"),
      Variable("AWS_SHARED_CREDENTIALS_FILE",
               Path({kCloudWatch, &CloudWatch::credentials, &AwsKeys::credentials_file}),
               "CloudWatch, without a key: credentials file, used first where it exists"),
      Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
               Text({kCloudWatch, &CloudWatch::credentials, &AwsKeys::container_relative_uri},
                    "a path that begins with /", IsRelativeUri),
               "CloudWatch: credentials of an ECS task; set by ECS"),
      Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI",
               Text({kCloudWatch, &CloudWatch::credentials, &AwsKeys::container_full_uri},
                    "an https:// URL, or http:// to this machine or an address of ECS or EKS",
                    IsFullUri),
               "CloudWatch: credentials of an EKS pod; set by EKS"),
      Secret("AWS_CONTAINER_AUTHORIZATION_TOKEN", &AwsKeys::container_token,
             "CloudWatch: token for them"),
      Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
               Path({kCloudWatch, &CloudWatch::credentials, &AwsKeys::container_token_file}),
               "CloudWatch: file that holds that token; read each time"),
      Variable("AWS_EC2_METADATA_DISABLED",
               Flag({kCloudWatch, &CloudWatch::credentials, &AwsKeys::metadata_disabled}),
               "CloudWatch: do not request the role of the instance from its metadata service"),
      Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT",
               BaseUrl({kCloudWatch, &CloudWatch::credentials, &AwsKeys::metadata_endpoint}),
               "CloudWatch: where an instance's metadata is"),
  };
}

namespace {

using Otlp = OtlpOptions;
constexpr auto kOtlp = &Config::otlp;

bool TakeOtlpHeaders(std::string_view text, Config& c) {
  const auto headers = HeadersFrom(text);
  if (headers) c.otlp.headers = *headers;
  return headers.has_value();
}

bool TakeResource(std::string_view text, Config& c) {
  auto attributes = TextMapFrom(text);
  if (!attributes) return false;
  for (const auto& [name, value] : *attributes) {
    if (name.empty()) return false;
  }
  c.otlp.resource = *std::move(attributes);
  return true;
}

}  // namespace

std::vector<Setting> OtlpSettings() {
  return {
      {"--otlp.enabled", "METRICS_EXPORT_OTLP", Flag({kOtlp, &Otlp::enabled}),
       "Export over OTLP/HTTP, in JSON"},
      {"--otlp.endpoint", "METRICS_OTLP_ENDPOINT", BaseUrl({kOtlp, &Otlp::endpoint}),
       "OTLP: base URL; /v1/metrics is appended"},
      {"",
       "METRICS_OTLP_HEADERS_JSON",
       {"a JSON object of header names and values", "", TakeOtlpHeaders},
       "OTLP: request headers",
       true},
      {"--otlp.timeout", "METRICS_OTLP_TIMEOUT_SEC",
       Seconds({kOtlp, &Otlp::timeout}, absl::Milliseconds(100), absl::Minutes(5)),
       "OTLP: timeout of a request"},
      {"--otlp.resource",
       "METRICS_OTLP_RESOURCE_ATTRIBUTES_JSON",
       {"a JSON object of names and values", "", TakeResource},
       "OTLP: attributes of the resource; service.name is chatscale unless given"},
      {"--otlp.tls-ca-file", "METRICS_OTLP_CA_FILE",
       Path({kOtlp, &Otlp::http, &HttpClientOptions::ca_file}),
       "OTLP: PEM file of the authorities to trust, instead of the system's"},
  };
}

namespace {

using Push = PushgatewayOptions;
constexpr auto kPush = &Config::pushgateway;

bool TakeUrl(std::string_view text, Config& c) {
  const auto url = BaseUrlFrom(text, UserInUrl::kTaken);
  if (url) c.pushgateway.url = *url;
  return url.has_value();
}

bool TakeGrouping(std::string_view text, Config& c) {
  const auto map = TextMapFrom(text);
  if (!map) return false;
  for (const auto& [name, value] : *map) {
    if (!IsLabelName(name) || name == "job") return false;
  }
  c.pushgateway.grouping = *map;
  return true;
}

}  // namespace

std::vector<Setting> PushgatewaySettings() {
  return {
      {"--push.enabled", "METRICS_EXPORT_PROMETHEUS_PUSH", Flag({kPush, &Push::enabled}),
       "Export to a Pushgateway"},
      {"",
       "METRICS_PROM_PUSHGATEWAY_URL",
       {"http:// or https:// and a host, without query or fragment", "", TakeUrl},
       "Pushgateway: its URL; user and password may stand in it",
       true},
      {"--push.job", "METRICS_PROM_JOB_NAME", Text({kPush, &Push::job}), "Pushgateway: label job"},
      {"--push.grouping",
       "METRICS_PROM_GROUPING_LABELS_JSON",
       {"a JSON object of label names, other than job, and values", "", TakeGrouping},
       "Pushgateway: further labels of the group"},
      {"--push.user", "METRICS_PROM_PUSHGATEWAY_USER", Text({kPush, &Push::user}),
       "Pushgateway: user, with the password from a file"},
      {"--push.password-file", "METRICS_PROM_PUSHGATEWAY_PASSWORD_FILE",
       Path({kPush, &Push::password_file}), "Pushgateway: file that holds the password"},
      {"--push.tls-ca-file", "METRICS_PROM_PUSHGATEWAY_CA_FILE",
       Path({kPush, &Push::http, &HttpClientOptions::ca_file}),
       "Pushgateway: PEM file of the authorities to trust, instead of the system's"},
      {"--push.tls-cert-file", "METRICS_PROM_PUSHGATEWAY_CERT_FILE",
       Path({kPush, &Push::http, &HttpClientOptions::client_cert_file}),
       "Pushgateway: PEM file of our client certificate"},
      {"--push.tls-key-file", "METRICS_PROM_PUSHGATEWAY_KEY_FILE",
       Path({kPush, &Push::http, &HttpClientOptions::client_key_file}),
       "Pushgateway: PEM file of its key"},
      {"--push.delete-at-end", "METRICS_PROM_PUSHGATEWAY_DELETE",
       Flag({kPush, &Push::delete_at_end}), "Pushgateway: delete the group when chatscale ends"},
  };
}

namespace {

using Json = nlohmann::ordered_json;

bool TakeNaming(std::string_view text, Config& c) {
  if (text != "chat" && text != "kdcube") return false;
  c.naming = text == "chat" ? NameScheme::kChat : NameScheme::kKdcube;
  return true;
}

// {"name" or a synonym, "unit"}; a null unit counts as missing.
std::optional<MappedName> ObjectEntry(const std::string& key, const Json& object) {
  constexpr std::array<std::string_view, 3> kNames = {"name", "metric", "cloudwatch_name"};
  MappedName mapped{.key = key};
  for (const auto& [field, value] : object.items()) {
    const bool name = std::ranges::find(kNames, field) != kNames.end();
    if (field == "unit" && value.is_null()) continue;
    if (!value.is_string() || (!name && field != "unit")) return std::nullopt;
    std::string& part = name ? mapped.name : mapped.unit;
    if (!part.empty()) return std::nullopt;
    part = value.get<std::string>();
    if (part.empty()) return std::nullopt;
  }
  return mapped.name.empty() ? std::nullopt : std::optional(mapped);
}

bool TakeMapping(std::string_view text, Config& c) {
  // A repeated key would silently override the first.
  std::vector<std::string> keys;
  const auto count_keys = [&keys](int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) keys.push_back(parsed);
    return true;
  };
  const Json object = Json::parse(text, count_keys, /*allow_exceptions=*/false);
  if (!object.is_object() || keys.size() != object.size()) return false;
  std::vector<MappedName> mapping;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) {
      mapping.push_back({.key = key, .name = value.get<std::string>()});
    } else if (auto entry = ObjectEntry(key, value); value.is_object() && entry) {
      mapping.push_back(*std::move(entry));
    } else {
      return false;
    }
  }
  c.mapping = std::move(mapping);
  return true;
}

}  // namespace

std::vector<Setting> NamingSettings() {
  return {
      {"--metrics.naming",
       "METRICS_NAMING",
       {"chat or kdcube", "chat", TakeNaming},
       "Names of what is observed: chatscale's, or those of the KDCube metrics service, in its "
       "units"},
      {"--metrics.mapping",
       "METRICS_MAPPING_JSON",
       {"a JSON object of the upstream's keys, each once, and a name or {\"name\" (or \"metric\", "
        "\"cloudwatch_name\"), \"unit\"}",
        "", TakeMapping},
       "Names of single metrics, by the upstream's key, for the scrape and every sink"},
  };
}

}  // namespace chatscale
