#include "exporter/recommendations/decision_log.h"

#include <zlib.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "exporter/files/files.h"
#include "exporter/recommendations/recommendation_json.h"
#include "exporter/recommendations/state_file.h"
#include "recommender/policy_fields.h"

namespace chatscale {

std::string DecisionJson(const Target& target, const ServiceRecommendation& recommended,
                         const DecisionInputs& inputs) {
  using nlohmann::json;
  const recommender::Recommendation& r = recommended.recommendation;
  const json record = {{"timestamp", TimeJson(r.at)},
                       {"tenant", target.tenant},
                       {"project", target.project},
                       {"component", NameOf(r.service)},
                       {"decision", recommender::DecisionName(r.decision)},
                       {"suppressed", recommender::DecisionName(r.suppressed)},
                       {"from", r.previous ? json(*r.previous) : json()},
                       {"to", r.desired ? json(*r.desired) : json()},
                       {"raw", r.raw ? json(*r.raw) : json()},
                       {"limited", ReasonsJson(r.limited)},
                       {"notes", ReasonsJson(r.notes)},
                       {"sentence", recommended.sentence},
                       {"rules", RulesJson(r)},
                       {"policy_hash", absl::StrFormat("%016x", PolicyHash(inputs.policy))},
                       {"signals", SignalsJson(inputs.signals)},
                       {"state", StateJson(inputs.state)}};
  return record.dump(-1, ' ', false, json::error_handler_t::replace);
}

PackedText::PackedText(std::string_view text) : size_(text.size()) {
  packed_.resize(compressBound(text.size()));
  uLongf packed = packed_.size();
  compress2(reinterpret_cast<Bytef*>(packed_.data()), &packed,
            reinterpret_cast<const Bytef*>(text.data()), text.size(), Z_BEST_SPEED);
  packed_.resize(packed);
  packed_.shrink_to_fit();
}

std::string PackedText::Text() const {
  std::string text(size_, '\0');
  uLongf size = text.size();
  uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
             reinterpret_cast<const Bytef*>(packed_.data()), packed_.size());
  return text;
}

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
  std::vector<std::string> texts;  // outside the lock, which the collection thread needs
  texts.reserve(found.size());
  for (const PackedText& packed : found) texts.push_back(packed.Text());
  return texts;
}

}  // namespace chatscale
