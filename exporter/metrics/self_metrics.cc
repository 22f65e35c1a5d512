#include "exporter/metrics/self_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exporter/files/log.h"

namespace chatscale {

namespace {

template <typename T>
prometheus::Family<T>& Register(std::string_view name, prometheus::detail::Builder<T> builder,
                                prometheus::Registry& registry) {
  const MetricRow* row = FindRow(name);
  assert(row != nullptr && row->type == T::metric_type && !row->IsOfTargets());
  return builder.Name(PrometheusName(name)).Help(std::string(row->help)).Register(registry);
}

// Label order of rows without a reader, by Prometheus name.
const std::map<std::string, std::span<const std::string_view>>& LabelOrders() {
  static const std::map<std::string, std::span<const std::string_view>> orders = [] {
    std::map<std::string, std::span<const std::string_view>> all;
    for (const MetricRow& row : Catalogue()) {
      if (!row.IsOfTargets()) all.emplace(PrometheusName(row.name), row.labels);
    }
    return all;
  }();
  return orders;
}

void Sort(prometheus::MetricFamily& family) {
  const auto& order = LabelOrders().at(family.name);
  for (ClientMetric& metric : family.metric) {
    std::ranges::sort(metric.label, {}, [&](const Label& label) {
      return std::ranges::find(order, label.name) - order.begin();
    });
  }
  std::ranges::sort(family.metric, {}, &ClientMetric::label);
}

bool HasLabels(const ClientMetric& metric, const prometheus::Labels& labels) {
  return metric.label.size() == labels.size() &&
         std::ranges::all_of(metric.label, [&](const Label& label) {
           const auto wanted = labels.find(label.name);
           return wanted != labels.end() && wanted->second == label.value;
         });
}

}  // namespace

prometheus::Family<prometheus::Counter>& SelfMetrics::Counter(std::string_view name) {
  return Register(name, prometheus::BuildCounter(), registry_);
}

prometheus::Family<prometheus::Gauge>& SelfMetrics::Gauge(std::string_view name) {
  return Register(name, prometheus::BuildGauge(), registry_);
}

prometheus::Family<prometheus::Histogram>& SelfMetrics::Histogram(std::string_view name) {
  return Register(name, prometheus::BuildHistogram(), registry_);
}

std::vector<prometheus::MetricFamily> SelfMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  for (prometheus::MetricFamily& family : families) Sort(family);
  std::ranges::move(ProcessFamilies(), std::back_inserter(families));
  return families;
}

MaybeNumber ValueIn(const std::vector<prometheus::MetricFamily>& families, std::string_view name,
                    const prometheus::Labels& labels) {
  const std::string full_name = PrometheusName(name);
  for (const prometheus::MetricFamily& family : families) {
    if (family.name != full_name) continue;
    for (const ClientMetric& metric : family.metric) {
      if (HasLabels(metric, labels)) return ValueOf(family.type, metric);
    }
  }
  return std::nullopt;
}

namespace {

// Fields of /proc/self/stat from field 3 of proc(5) on: after the command's closing bracket, as the
// command may contain blanks.
std::vector<double> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string stat;
  std::getline(file, stat);
  const auto bracket = stat.rfind(") ");
  if (bracket == std::string::npos) return {};
  std::vector<double> fields = {0};  // the state is not a number
  const char* at = stat.c_str() + bracket + 3;
  for (char* end = nullptr;; at = end) {
    const double value = std::strtod(at, &end);
    if (end == at) return fields;
    fields.push_back(value);
  }
}

// "btime" of /proc/stat: boot time, Unix seconds.
MaybeNumber ReadBootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double value = 0;
    if (word == "btime" && file >> value) return value;
    std::getline(file, word);
  }
  return std::nullopt;
}

MaybeNumber BootTime() {
  static const MaybeNumber time = ReadBootTime();
  return time;
}

MaybeNumber OpenFileDescriptors() {
  std::error_code error;
  double count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++count;
  }
  // One of them is the directory handle itself.
  return error ? std::nullopt : MaybeNumber(count - 1);
}

// Indices: field numbers of proc(5) minus 3: utime 14, stime 15, starttime 22, vsize 23, rss 24.
constexpr std::size_t kUserTime = 11;
constexpr std::size_t kSystemTime = 12;
constexpr std::size_t kStartTime = 19;
constexpr std::size_t kVirtualSize = 20;
constexpr std::size_t kResidentPages = 21;

double Ticks() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }

MaybeNumber StartTime(const std::vector<double>& stat) {
  const MaybeNumber boot = BootTime();
  if (stat.size() <= kResidentPages || !boot) return std::nullopt;
  return *boot + stat[kStartTime] / Ticks();
}

MaybeNumber MaxFileDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

MaybeNumber ProcessStartTime() { return StartTime(StatFields()); }

std::vector<prometheus::MetricFamily> ProcessFamilies() {
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&families](std::string_view name, MaybeNumber value) {
    const MetricRow& row = *FindRow(name);
    std::vector<ClientMetric> metrics;
    Emit(row.type, absl::InfinitePast(), &metrics)(value);
    if (metrics.empty()) return;
    families.push_back({PrometheusName(name), std::string(row.help), row.type, std::move(metrics)});
  };
  add("chat.exporter.log_lines_dropped_total", static_cast<double>(DroppedLogLines()));
  const std::vector<double> stat = StatFields();
  if (stat.size() > kResidentPages) {
    add("process.cpu_seconds_total", (stat[kUserTime] + stat[kSystemTime]) / Ticks());
    add("process.resident_memory_bytes",
        stat[kResidentPages] * static_cast<double>(sysconf(_SC_PAGESIZE)));
    add("process.virtual_memory_bytes", stat[kVirtualSize]);
  }
  add("process.open_fds", OpenFileDescriptors());
  add("process.max_fds", MaxFileDescriptors());
  add("process.start_time_seconds", StartTime(stat));
  return families;
}

}  // namespace chatscale
