#include "exporter/advisor/decisions/decision_log.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace chatscale {

absl::Status DecisionLog::Add(LoggedDecision record) {
  const std::lock_guard lock(mutex_);
  absl::Status appended = Append(record.json);
  records_.push_front(std::move(record));
  if (records_.size() > options_.kept) records_.pop_back();
  return appended;
}

absl::Status DecisionLog::Append(const std::string& line) const {
  if (options_.file.empty()) return absl::OkStatus();
  std::error_code error;
  const auto size = std::filesystem::file_size(options_.file, error);
  if (!error && size + line.size() > options_.most_file_bytes) {
    std::filesystem::rename(options_.file, options_.file + ".1", error);
  }
  std::ofstream file(options_.file, std::ios::binary | std::ios::app);
  file << line << '\n';
  file.flush();
  if (file) return absl::OkStatus();
  return absl::UnavailableError("cannot append to " + options_.file + ": " + std::strerror(errno));
}

std::vector<std::string> DecisionLog::Newest(
    const std::function<bool(const LoggedDecision&)>& matches, std::size_t most) const {
  std::vector<std::string> found;
  const std::lock_guard lock(mutex_);
  for (const LoggedDecision& record : records_) {
    if (found.size() == most) break;
    if (matches(record)) found.push_back(record.json);
  }
  return found;
}

}  // namespace chatscale
