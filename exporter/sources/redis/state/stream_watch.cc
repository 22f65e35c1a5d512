#include "exporter/sources/redis/state/stream_watch.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

namespace chatscale::redis {

void StreamWatch::Observe(const std::map<std::string, double>& streams) {
  std::erase_if(watched_, [&](const auto& known) { return !streams.contains(known.first); });
  // Of those that take streams: how many each had, most first, and how many up to it opened some.
  std::vector<std::pair<double, double>> taking;
  for (const auto& [process, known] : watched_) {
    if (!known.drains()) taking.emplace_back(known.streams, streams.at(process) > known.streams);
  }
  std::ranges::sort(taking, std::greater<>());
  double opened = 0;
  for (auto& [had, opens] : taking) opens = opened += opens;
  const auto share_of = [&](double count) {
    constexpr double kMostShare = 0.9;  // one cycle alone proves nothing
    const auto fewer = std::ranges::partition_point(
        taking, [count](const auto& other) { return other.first >= count; });
    if (fewer == taking.begin()) return 0.0;
    return std::min(kMostShare,
                    std::prev(fewer)->second / static_cast<double>(fewer - taking.begin()));
  };
  for (const auto& [process, count] : streams) {
    const auto [entry, is_new] = watched_.try_emplace(process);
    Watched& known = entry->second;
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

}  // namespace chatscale::redis
