#include "exporter/advisor/decisions/decision_log.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/files/append_line.h"

namespace chatscale {

void DecisionLog::Add(LoggedDecision record) {
  Kept kept{std::move(record.target), record.service, PackedText(record.json)};
  const std::lock_guard lock(mutex_);
  records_.push_front(std::move(kept));
  if (records_.size() > options_.kept) records_.pop_back();
  if (options_.file.empty()) return;
  unwritten_.push_back(std::move(record.json));
  if (unwritten_.size() > options_.kept) {
    unwritten_.pop_front();
    ++lost_;
  }
  writer_.Offer([this] { return Write(); });
}

absl::Status DecisionLog::Write() {
  std::deque<std::string> lines;
  std::size_t lost = 0;
  {
    const std::lock_guard lock(mutex_);
    lines = std::exchange(unwritten_, {});
    lost = std::exchange(lost_, 0);
  }
  absl::Status written;
  for (const std::string& line : lines) written.Update(Append(line));
  if (lost == 0) return written;
  return absl::UnavailableError(
      absl::StrCat(options_.file, ": ", lost, " decisions are lost, the disk took too long"));
}

absl::Status DecisionLog::Append(const std::string& line) const {
  std::error_code error;
  const auto size = std::filesystem::file_size(options_.file, error);
  if (!error && size + line.size() > options_.most_file_bytes) {
    std::filesystem::rename(options_.file, options_.file + ".1", error);
  }
  return AppendLine(options_.file, line);
}

std::vector<std::string> DecisionLog::Newest(
    const std::function<bool(const Target&, Service)>& matches, std::size_t most) const {
  std::vector<PackedText> found;
  {
    const std::lock_guard lock(mutex_);
    for (const Kept& record : records_) {
      if (found.size() == most) break;
      if (matches(record.target, record.service)) found.push_back(record.json);
    }
  }
  std::vector<std::string> texts;  // collection need not wait for these
  texts.reserve(found.size());
  for (const PackedText& packed : found) texts.push_back(packed.Text());
  return texts;
}

}  // namespace chatscale
