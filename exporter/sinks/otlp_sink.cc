#include "exporter/sinks/otlp_sink.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/families.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/model/build_info.h"
#include "exporter/sinks/http_outcome.h"
#include "exporter/sinks/text_sinks.h"

namespace chatscale {

namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

json AttributesJson(const Attributes& attributes) {
  json list = json::array();
  for (const auto& [key, value] : attributes) {
    list.push_back({{"key", key}, {"value", {{"stringValue", value}}}});
  }
  return list;
}

Attributes AttributesOf(const Labels& labels) {
  Attributes attributes;
  for (const Label& label : labels) attributes.emplace_back(label.name, label.value);
  return attributes;
}

// 64-bit integers are strings in the JSON encoding.
std::string UnixNanos(absl::Time time) { return absl::StrCat(absl::ToUnixNanos(time)); }

json MetricJson(const PublishedFamily& family, absl::Time at, absl::Time start) {
  const PublishedRow& as = *family.as;
  const MetricType type = family.data.type;
  const bool counter = type == MetricType::Counter;
  json points = json::array();
  for (const ClientMetric& metric : family.data.metric) {
    json& point = points.emplace_back(json::object());
    point["attributes"] = AttributesJson(AttributesOf(metric.label));
    point["timeUnixNano"] = UnixNanos(at);
    if (counter && start != absl::InfinitePast()) point["startTimeUnixNano"] = UnixNanos(start);
    point["asDouble"] = ValueOf(type, metric);
  }
  json written = {{"name", as.name}, {"description", as.help}, {"unit", as.ucum_unit}};
  if (counter) {
    constexpr int kCumulative = 2;
    written["sum"] = {{"dataPoints", std::move(points)},
                      {"aggregationTemporality", kCumulative},
                      {"isMonotonic", true}};
  } else {
    written["gauge"] = {{"dataPoints", std::move(points)}};
  }
  return written;
}

// Joins ResourceMetrics messages into requests.
class Requests {
 public:
  explicit Requests(const Attributes& resource)
      : resource_(json({{"attributes", AttributesJson(resource)}}).dump()) {}

  void Add(const json& metrics) {
    if (metrics.empty()) return;
    const json scope = {{"scope", {{"name", "chatscale"}, {"version", kVersion}}},
                        {"metrics", metrics}};
    const std::string entry =
        absl::StrCat(R"({"resource":)", resource_, R"(,"scopeMetrics":[)", scope.dump(), "]}");
    if (requests_.empty() || requests_.back().size() + entry.size() > kMostBytes) {
      requests_.emplace_back(R"({"resourceMetrics":[)");
    } else {
      requests_.back() += ',';
    }
    requests_.back() += entry;
  }

  std::vector<std::string> Take() {
    for (std::string& request : requests_) request += "]}";
    return std::move(requests_);
  }

 private:
  std::string resource_;
  std::vector<std::string> requests_;
};

}  // namespace

Attributes WithService(Attributes resource) {
  const auto add = [&](const char* key, const char* value) {
    const auto same = [&](const auto& attribute) { return attribute.first == key; };
    if (std::ranges::none_of(resource, same)) resource.emplace_back(key, value);
  };
  add("service.name", "chatscale");
  add("service.version", kVersion);
  return resource;
}

std::vector<std::string> OtlpRequests(const Publication& publication, const Attributes& resource) {
  const absl::Time at = publication.view->built_at;
  absl::Time start = absl::InfinitePast();
  if (const MaybeNumber began = ProcessStartTime()) {
    start = absl::UnixEpoch() + absl::Seconds(*began);
  }
  Requests requests(resource);
  json metrics = json::array();
  const auto add = [&](const PublishedFamily& family, absl::Time when) {
    if (family.data.type == MetricType::Histogram) return;
    metrics.push_back(MetricJson(family, when, start));
  };
  EachFamily({}, at, publication.options, Rows::kLive,
             [&](const PublishedFamily& family) { add(family, at); });
  requests.Add(metrics);
  for (const TargetView& target : publication.view->targets) {
    metrics = json::array();
    EachTimedFamily(publication, target, add);
    requests.Add(metrics);
  }
  return requests.Take();
}

namespace {

using nlohmann::json;

constexpr std::string_view kPath = "/v1/metrics";

OtlpOptions Completed(OtlpOptions options) {
  options.resource = WithService(std::move(options.resource));
  return options;
}

// 64-bit integers are strings in the JSON encoding; some receivers send numbers.
std::int64_t WholeNumberOf(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return 0;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  std::int64_t number = 0;
  if (found->is_string() && absl::SimpleAtoi(found->get<std::string>(), &number)) return number;
  return 0;
}

// OK unless data points were rejected; a message alone is a warning.
absl::Status Rejected(const std::string& body) {
  constexpr std::size_t kLongest = 200;
  const json response = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!response.is_object()) return absl::OkStatus();
  const auto partial = response.find("partialSuccess");
  if (partial == response.end() || !partial->is_object()) return absl::OkStatus();
  const std::int64_t count = WholeNumberOf(*partial, "rejectedDataPoints");
  if (count <= 0) return absl::OkStatus();
  const auto why = partial->find("errorMessage");
  const std::string words =
      why != partial->end() && why->is_string() ? why->get<std::string>() : "no reason given";
  return absl::InvalidArgumentError(
      absl::StrCat(count, " data points rejected: ", LabelValue(words, kLongest)));
}

}  // namespace

OtlpSink::OtlpSink(OtlpOptions options)
    : options_(Completed(std::move(options))),
      url_(options_.endpoint.ends_with(kPath)
               ? options_.endpoint
               : absl::StrCat(options_.endpoint, std::string(kPath))),
      client_(options_.http) {}

absl::Status OtlpSink::Deliver(const Publication& publication, absl::Duration timeout) {
  if (!parts_.Continues(publication.view)) rejected_ = absl::OkStatus();
  absl::Status delivered = parts_.Deliver(
      publication.view, OtlpRequests(publication, options_.resource), timeout,
      [this](const std::string& part, absl::Duration left) { return Send(part, left); });
  return delivered.ok() ? rejected_ : delivered;
}

absl::Status OtlpSink::Send(const std::string& body, absl::Duration timeout) {
  HttpRequest request{.method = "POST", .url = url_, .headers = options_.headers};
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Content-Encoding", "gzip");  // every receiver must accept it
  request.body = Gzip(body);
  const absl::StatusOr<HttpResponse> response = client_.Exchange(request, timeout);
  // Other 5xx statuses must not be retried: OTLP specification, "OTLP/HTTP Response".
  if (response.ok() && response->status / 100 == 5 &&
      (response->status < 502 || response->status > 504)) {
    return absl::InvalidArgumentError(absl::StrCat("HTTP status ", response->status));
  }
  std::vector<std::string> secrets;
  for (const auto& [name, value] : options_.headers) secrets.push_back(value);
  absl::Status outcome = HttpOutcome(response, secrets);
  if (outcome.ok()) rejected_.Update(Rejected(response->body));
  return outcome;
}

}  // namespace chatscale
