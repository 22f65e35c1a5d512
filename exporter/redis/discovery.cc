#include "exporter/redis/discovery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exporter/redis/keys.h"

namespace chatscale::redis {

namespace {

// SCAN takes one pattern: this one matches "heartbeat:process:..." and "chat:sse:...", and apart
// from them only the fifteen or so "chat:prompt:..." keys.
constexpr std::string_view kWanted = ":kdcube:*t:[ps][rs][oe]*";

constexpr double kScanEverySeconds = 60;

}  // namespace

KeyScan::KeyScan(const Target* only)
    : pattern_(only == nullptr ? "*" : EscapeGlob(only->tenant + ":" + only->project)) {
  pattern_.append(kWanted);
}

void KeyScan::AddCommands(std::size_t keys, Pipeline& pipeline) const {
  pipeline.Add({"SCAN", cursor_, "MATCH", pattern_, "COUNT", std::to_string(keys)});
}

bool KeyScan::Due(double now) const {
  const double since = now - began_at_;
  return cursor_ != "0" || since >= kScanEverySeconds || since < 0;
}

std::vector<std::string_view> KeyScan::ParseReplies(double now, ReplyStream& replies,
                                                    ReplyFaults& faults) {
  std::vector<std::string_view> keys;
  if (cursor_ == "0") began_at_ = now;
  const ReplyView reply = replies.Next(faults);
  if (reply.size() != 2) return keys;
  cursor_ = reply[0].Text().value_or("0");
  if (cursor_ == "0") ++passes_;
  const ReplyView found = reply[1];
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (const auto key = found[i].Text()) keys.push_back(*key);
  }
  return keys;
}

namespace {

constexpr double kSurveyEverySeconds = 600;
constexpr std::size_t kMostTenants = 10;  // listed by name; further ones as "and others"

}  // namespace

bool TenantSurvey::Due(double now) const {
  return completed_at_ == 0 || now - completed_at_ >= kSurveyEverySeconds;
}

void TenantSurvey::ParseReplies(double now, ReplyStream& replies, ReplyFaults& faults) {
  const int passes = scan_.passes();
  for (const std::string_view key : scan_.ParseReplies(now, replies, faults)) {
    const auto owner = OwnerOf(key);
    if (!owner || key.find(":kdcube:heartbeat:process:") == std::string_view::npos) continue;
    std::string name = absl::StrCat(owner->tenant, "/", owner->project);
    if (walking_.contains(name) || walking_.size() <= kMostTenants) ++walking_[std::move(name)];
  }
  if (scan_.passes() == passes) return;
  found_ = std::exchange(walking_, {});
  completed_at_ = now;
}

std::string TenantSurvey::Found() const {
  std::string text;
  std::size_t named = 0;
  for (const auto& [name, processes] : found_) {
    if (named == kMostTenants) return absl::StrCat(text, " and others");
    absl::StrAppend(&text, named++ > 0 ? ", " : "", name, " (", processes,
                    processes == 1 ? " process)" : " processes)");
  }
  return text;
}

namespace {

constexpr double kVanishedSeconds = 600;
constexpr std::size_t kMostLeftOut = 10'000;  // counted
constexpr std::size_t kMostIgnored = 10'000;
constexpr int kIgnoreWalks = 5;

}  // namespace

TargetSet::TargetSet(const std::vector<Target>& named, std::size_t discover_at_most,
                     const ReaderOptions& options)
    : discover_at_most_(discover_at_most), options_(options) {
  for (const Target& target : named) {
    entries_[target.tenant + ":" + target.project].reader =
        std::make_unique<TargetReader>(target, options_);
  }
}

bool TargetSet::Observe(std::string_view key, double now) {
  const std::size_t end = key.find(":kdcube:");
  if (end == std::string_view::npos) return false;
  // Only heartbeats count: other keys outlive the processes that wrote them by a day.
  const bool heartbeat = key.substr(end).starts_with(":kdcube:heartbeat:process:");
  const auto entry = entries_.find(key.substr(0, end));
  if (entry == entries_.end()) {
    return heartbeat && discover_at_most_ > 0 && OwnerOf(key) &&
           !ignored_.contains(std::hash<std::string_view>()(key));
  }
  if (heartbeat) entry->second.last_met = now;
  entry->second.reader->Observe(key);
  return false;
}

void TargetSet::Discover(std::string_view key, double now) {
  const std::string prefix(key.substr(0, key.find(":kdcube:")));
  if (!entries_.contains(prefix) && entries_.size() >= discover_at_most_ && !MakeRoom()) {
    if (leaving_out_.size() < kMostLeftOut) leaving_out_.insert(prefix);
    return;
  }
  Entry& entry = entries_[prefix];
  if (!entry.reader) entry.reader = std::make_unique<TargetReader>(*OwnerOf(key), options_);
  entry.last_met = now;
  entry.reader->Observe(key);
}

bool TargetSet::MakeRoom() {
  if (no_room_) return false;  // already searched in this walk
  auto first = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    const TargetReader& reader = *entry->second.reader;
    if (!reader.read() || reader.alive()) continue;
    if (first == entries_.end() || reader.last_alive() < first->second.reader->last_alive()) {
      first = entry;
    }
  }
  no_room_ = first == entries_.end();
  if (!no_room_) entries_.erase(first);
  return !no_room_;
}

void TargetSet::Ignore(std::string_view key) {
  if (ignored_.size() < kMostIgnored) ignored_.insert(std::hash<std::string_view>()(key));
}

void TargetSet::EndWalk() {
  if (++walks_ % kIgnoreWalks == 0) ignored_.clear();
  left_out_ = std::exchange(leaving_out_, {}).size();
  no_room_ = false;
}

std::vector<std::pair<Target, double>> TargetSet::DropVanished(double now) {
  std::vector<std::pair<Target, double>> with_tasks;
  if (discover_at_most_ == 0) return with_tasks;
  std::erase_if(entries_, [&](const auto& item) {
    const TargetReader& reader = *item.second.reader;
    if (now - std::max(item.second.last_met, reader.last_alive()) <= kVanishedSeconds) return false;
    if (reader.tasks_left() > 0) with_tasks.emplace_back(reader.target(), reader.tasks_left());
    return true;
  });
  return with_tasks;
}

std::vector<TargetReader*> TargetSet::Readers() const {
  std::vector<TargetReader*> readers;
  readers.reserve(entries_.size());
  for (const auto& [prefix, entry] : entries_) readers.push_back(entry.reader.get());
  return readers;
}

}  // namespace chatscale::redis
