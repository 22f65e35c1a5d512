#include "exporter/sources/redis/state/stream_watch.h"

namespace chatscale::redis {

void StreamWatch::Observe(const std::map<std::string, double>& streams) {
  std::erase_if(watched_, [&](const auto& known) { return !streams.contains(known.first); });
  double opened = 0, taking = 0;
  for (const auto& [process, known] : watched_) {
    opened += streams.at(process) > known.streams ? 1 : 0;
    taking += known.drains() ? 0 : 1;
  }
  const double share = taking > 0 ? opened / taking : 0;
  for (const auto& [process, count] : streams) {
    const auto [entry, is_new] = watched_.try_emplace(process);
    Watched& known = entry->second;
    if (!is_new && count <= known.streams) {
      known.fell = known.fell || count < known.streams;
      known.opened_by_other += share;
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
