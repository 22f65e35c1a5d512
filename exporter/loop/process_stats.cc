#include "exporter/loop/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  // Positions in proc(5), less 3: utime 14, stime 15, starttime 22, vsize 23, rss 24.
  constexpr std::size_t kUserTime = 11;
  constexpr std::size_t kSystemTime = 12;
  constexpr std::size_t kStartTime = 19;
  constexpr std::size_t kVirtualSize = 20;
  constexpr std::size_t kResidentPages = 21;
  const std::vector<double> fields = StatFields();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (fields.size() > kResidentPages) {
    stats.cpu_seconds = (fields[kUserTime] + fields[kSystemTime]) / ticks;
    stats.virtual_bytes = fields[kVirtualSize];
    stats.resident_bytes = fields[kResidentPages] * static_cast<double>(sysconf(_SC_PAGESIZE));
    if (const MaybeNumber boot = BootTime()) {
      stats.start_time_seconds = *boot + fields[kStartTime] / ticks;
    }
  }
  stats.open_fds = OpenFileDescriptors();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    stats.max_fds = static_cast<double>(limit.rlim_cur);
  }
  return stats;
}

}  // namespace chatscale
