#include "exporter/sources/redis/state/stream_watch.h"

#include <algorithm>
#include <cmath>

namespace chatscale::redis {

void StreamWatch::Observe(const std::map<std::string, double>& streams) {
  std::erase_if(watched_, [&](const auto& known) { return !streams.contains(known.first); });
  double opened = 0, taking = 0;
  for (const auto& [process, known] : watched_) {
    opened += streams.at(process) > known.streams ? 1 : 0;
    taking += known.drains() ? 0 : 1;
  }
  constexpr double kMostShare = 0.9;  // one cycle alone proves nothing
  const double share = taking > 0 ? std::min(kMostShare, opened / taking) : 0;
  for (const auto& [process, count] : streams) {
    const auto [entry, is_new] = watched_.try_emplace(process);
    Watched& known = entry->second;
    if (!is_new && count <= known.streams) {
      known.fell = known.fell || count < known.streams;
      known.evidence -= std::log1p(-share);
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
