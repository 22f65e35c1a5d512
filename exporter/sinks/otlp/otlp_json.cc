#include "exporter/sinks/otlp/otlp_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "exporter/metrics/process_metrics.h"
#include "exporter/model/build_info.h"
#include "exporter/sinks/timed_families.h"

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

// 64-bit numbers are text in this encoding.
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

// ResourceMetrics messages, joined to requests.
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

}  // namespace chatscale
