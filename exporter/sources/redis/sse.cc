#include "exporter/sources/redis/sse.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "exporter/sources/redis/json_values.h"

namespace chatscale::redis {
namespace {

constexpr double kMaxPlausible = 1e9;

// As upstream's int(x or 0): null is 0, text digits are accepted, fractions are cut off.
MaybeNumber WholeNumberIn(const simdjson::dom::element& value) {
  if (value.is_null()) return 0.0;
  MaybeNumber number = NumberIn(value);
  if (const auto text = TextIn(value)) {
    int parsed = 0;
    const char* end = text->data() + text->size();
    const auto result = std::from_chars(text->data(), end, parsed);
    if (result.ec == std::errc() && result.ptr == end) number = parsed;
  }
  if (!number.has_value() || *number < 0 || *number > kMaxPlausible) return std::nullopt;
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

void SseTable::Observe(const std::string& process, std::optional<SseEntry> entry, bool alive,
                       double now, double max_age) {
  const bool fresh = entry.has_value() && !(entry->ts.has_value() && now - *entry->ts > max_age);
  if (fresh) {
    entries_[process] = {.entry = *entry, .kept = false};
    return;
  }
  const auto last = entries_.find(process);
  if (!alive) {
    if (last != entries_.end()) entries_.erase(last);
  } else if (entry.has_value()) {
    entries_[process] = {.entry = *entry, .kept = true};
  } else if (last != entries_.end()) {
    last->second.kept = true;
  }
}

void SseTable::Retain(const std::set<std::string>& known) {
  std::erase_if(entries_, [&](const auto& item) { return !known.contains(item.first); });
}

std::optional<SseTotals> TotalsOf(const SseTable& table) {
  if (table.entries().empty()) return std::nullopt;
  SseTotals totals;
  for (const auto& [process, item] : table.entries()) {
    totals.connections += item.entry.count;
    totals.limit += item.entry.limit;
    totals.sessions += item.entry.sessions;
    ++totals.processes;
    totals.kept += item.kept ? 1 : 0;
    if (item.entry.limit > 0) {
      totals.hottest_saturation =
          std::max(totals.hottest_saturation.value_or(0), item.entry.count / item.entry.limit);
    }
  }
  return totals;
}

}  // namespace chatscale::redis
