#include "exporter/sinks/otlp/otlp_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "exporter/core/build_info.h"
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

// 64-bit numbers are text in this encoding.
std::string UnixNanos(absl::Time time) { return absl::StrCat(absl::ToUnixNanos(time)); }

json MetricJson(const SampleFamily& family, absl::Time at, absl::Time start) {
  const PublishedRow& as = *family.as;
  const bool counter = as.row->kind == Kind::kCounter;
  json points = json::array();
  for (const Sample& sample : family.samples) {
    json& point = points.emplace_back(json::object());
    point["attributes"] = AttributesJson(sample.labels);
    point["timeUnixNano"] = UnixNanos(at);
    if (counter && start != absl::InfinitePast()) point["startTimeUnixNano"] = UnixNanos(start);
    point["asDouble"] = sample.value;
  }
  json metric = {{"name", as.name}, {"description", as.help}, {"unit", as.ucum_unit}};
  if (counter) {
    constexpr int kCumulative = 2;
    metric["sum"] = {{"dataPoints", std::move(points)},
                     {"aggregationTemporality", kCumulative},
                     {"isMonotonic", true}};
  } else {
    metric["gauge"] = {{"dataPoints", std::move(points)}};
  }
  return metric;
}

// What is known of the exporter itself, with the names of its targets alone.
View WithoutFigures(const View& view) {
  View own;
  own.built_at = view.built_at;
  own.mode = view.mode;
  own.process = view.process;
  own.http = view.http;
  own.reload = view.reload;
  own.sinks = view.sinks;
  own.dropped_series = view.dropped_series;
  for (const TargetView& target : view.targets) own.targets.emplace_back().target = target.target;
  return own;
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
  const View& view = *publication.view;
  const absl::Time start = view.process.start_time_seconds.has_value()
                               ? absl::UnixEpoch() + absl::Seconds(*view.process.start_time_seconds)
                               : absl::InfinitePast();
  Requests requests(resource);
  json metrics = json::array();
  const auto add = [&](const SampleFamily& family, absl::Time at) {
    if (family.as->row->kind != Kind::kHistogram) metrics.push_back(MetricJson(family, at, start));
  };
  EachFamily(WithoutFigures(view), publication.options, Rows::kAll,
             [&](const SampleFamily& family) {
               if (family.as->row->of_exporter != nullptr) add(family, view.built_at);
             });
  requests.Add(metrics);
  for (const TargetView& target : view.targets) {
    metrics = json::array();
    EachTimedFamily(publication, target, add);
    requests.Add(metrics);
  }
  return requests.Take();
}

}  // namespace chatscale
