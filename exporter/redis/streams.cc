#include "exporter/redis/streams.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "exporter/model/capacity.h"
#include "exporter/model/snapshot.h"
#include "exporter/redis/json_values.h"

namespace chatscale::redis {

void StreamWatch::Observe(const std::map<std::string, double>& streams) {
  std::erase_if(watched_, [&](const auto& known) { return !streams.contains(known.first); });
  // Processes not draining, most streams first: {streams it had, processes up to it that opened}.
  std::vector<std::pair<double, double>> taking;
  for (const auto& [process, known] : watched_) {
    if (!known.drains()) taking.emplace_back(known.streams, streams.at(process) > known.streams);
  }
  std::ranges::sort(taking, std::greater<>());
  double opened = 0;
  for (auto& [had, opens] : taking) opens = opened += opens;
  const auto share_of = [&](double count) {
    constexpr double kMostShare = 0.9;  // one cycle alone is no evidence
    const auto fewer = std::ranges::partition_point(
        taking, [count](const auto& other) { return other.first >= count; });
    if (fewer == taking.begin()) return 0.0;
    return std::min(kMostShare,
                    std::prev(fewer)->second / static_cast<double>(fewer - taking.begin()));
  };
  for (const auto& [process, count] : streams) {
    const auto [entry, is_new] = watched_.try_emplace(process);
    WatchedStream& known = entry->second;
    if (!is_new && count <= known.streams) {
      known.fell = known.fell || count < known.streams;
      known.evidence -= std::log1p(-share_of(known.streams));
    } else {
      known = {};
    }
    known.streams = count;
  }
}

bool StreamWatch::Drains(const std::string& process) const {
  const auto known = watched_.find(process);
  return known != watched_.end() && known->second.drains();
}

namespace {

// As the upstream's int(x or 0): null is 0, text digits are accepted, fractions are truncated.
MaybeNumber WholeNumberIn(const simdjson::dom::element& value) {
  if (value.is_null()) return 0.0;
  MaybeNumber number = NumberIn(value);
  if (const auto text = TextIn(value)) {
    int parsed = 0;
    const char* end = text->data() + text->size();
    const auto result = std::from_chars(text->data(), end, parsed);
    if (result.ec == std::errc() && result.ptr == end) number = parsed;
  }
  if (!number.has_value() || *number < 0 || *number > kMostCount) return std::nullopt;
  return std::trunc(*number);
}

}  // namespace

std::optional<SseEntry> ParseSseEntry(TolerantParser& parser, std::string_view json) {
  const auto root = parser.Parse(json);
  simdjson::dom::object fields;
  if (!root.has_value() || root->get(fields) != simdjson::SUCCESS) return std::nullopt;
  SseEntry entry;
  for (const auto [name, field] : fields) {
    double* target = nullptr;
    if (name == "count") target = &entry.count;
    if (name == "sessions") target = &entry.sessions;
    if (name == "max") target = &entry.limit;
    if (name == "ts") entry.ts = NumberIn(field);
    if (target == nullptr) continue;
    const MaybeNumber number = WholeNumberIn(field);
    if (!number.has_value()) return std::nullopt;
    *target = *number;
  }
  return entry;
}

void SseTable::Observe(const std::string& process, const std::optional<SseEntry>& entry, bool alive,
                       double now, const SseLimits& limits) {
  const bool fresh =
      entry.has_value() && !(entry->ts.has_value() && now - *entry->ts > limits.max_age);
  Known& known = processes_[process];
  if (alive) known.last_alive = now;
  // A draining process without a heartbeat has ended: its streams are open elsewhere by now.
  const bool ended = !alive && known.last_alive.has_value() && watch_.Drains(process);
  const bool gone = ended || !known.last_alive.has_value() || now - *known.last_alive > limits.gone;
  if (ended || (gone && !fresh)) {
    processes_.erase(process);
    return;
  }
  if (entry.has_value()) known.entry = entry;
  known.kept = known.entry.has_value() && !fresh;
}

void SseTable::EndCycle() {
  std::map<std::string, double> streams;
  for (const auto& [process, known] : processes_) {
    if (known.entry.has_value()) streams[process] = known.entry->count;
  }
  watch_.Observe(streams);
}

std::optional<SseTotals> TotalsOf(const SseTable& table) {
  SseTotals totals;
  for (const auto& [process, known] : table.processes()) {
    if (!known.entry.has_value()) continue;
    const SseEntry& entry = *known.entry;
    totals.connections += entry.count;
    totals.limit += entry.limit;
    if (table.Drains(process)) totals.draining_limit += entry.limit;
    totals.sessions += entry.sessions;
    ++totals.processes;
    totals.kept += known.kept ? 1 : 0;
    // std::max: an unknown saturation (nullopt) is below every known one.
    totals.hottest_saturation =
        std::max(totals.hottest_saturation, SaturationOf(entry.count, entry.limit));
  }
  if (totals.processes == 0) return std::nullopt;
  return totals;
}

MaybeNumber CoverageOf(const SseTable& table) {
  double alive = 0;
  double heard = 0;
  for (const auto& [process, known] : table.processes()) {
    if (!known.last_alive.has_value()) continue;
    ++alive;
    heard += known.entry.has_value() ? 1 : 0;
  }
  if (alive <= 0) return std::nullopt;
  return heard / alive;
}

}  // namespace chatscale::redis
