#include "exporter/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "exporter/log/log.h"

namespace chatscale {
namespace {

// /proc/self/stat after the command's closing bracket (it may hold blanks): field 3 of proc(5)
// first.
std::vector<double> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string stat;
  std::getline(file, stat);
  const auto bracket = stat.rfind(") ");
  if (bracket == std::string::npos) return {};
  std::vector<double> fields = {0};  // the state is no number
  const char* at = stat.c_str() + bracket + 3;
  for (char* end = nullptr;; at = end) {
    const double value = std::strtod(at, &end);
    if (end == at) return fields;
    fields.push_back(value);
  }
}

// "btime" of /proc/stat: when the machine started, Unix time.
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
  // One of them is the directory itself.
  return error ? std::nullopt : MaybeNumber(count - 1);
}

// Positions in proc(5), less 3: utime 14, stime 15, starttime 22, vsize 23, rss 24.
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
