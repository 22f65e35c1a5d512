#include "exporter/sources/redis/target_set.h"

#include <algorithm>

namespace chatscale::redis {
namespace {

constexpr double kVanishedSeconds = 600;

}  // namespace

TargetSet::TargetSet(const std::vector<Target>& named, std::size_t discover_at_most,
                     const ReaderOptions& options)
    : discover_at_most_(discover_at_most), options_(options) {
  for (const Target& target : named) {
    entries_[target.tenant + ":" + target.project].reader =
        std::make_unique<TargetReader>(target, options_);
  }
}

void TargetSet::Observe(std::string_view key, double now) {
  const std::size_t end = key.find(":kdcube:");
  if (end == std::string_view::npos) return;
  auto entry = entries_.find(key.substr(0, end));
  // Other keys outlive the processes that wrote them by a day.
  const bool heartbeat = key.substr(end).starts_with(":kdcube:heartbeat:process:");
  if (entry == entries_.end()) {
    const auto owner = OwnerOf(key);
    if (!heartbeat || !owner || entries_.size() >= discover_at_most_) return;
    entry = entries_.try_emplace(std::string(key.substr(0, end))).first;
    entry->second.reader = std::make_unique<TargetReader>(*owner, options_);
  }
  if (heartbeat) entry->second.last_met = now;
  entry->second.reader->Observe(key);
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
