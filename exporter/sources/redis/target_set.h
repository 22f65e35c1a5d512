// The targets being read, named or found in Redis.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/sources/redis/readers/target_reader.h"

namespace chatscale::redis {

class TargetSet {
 public:
  // `discover_at_most` 0: only `named` ones. `options` must outlive this.
  TargetSet(const std::vector<Target>& named, std::size_t discover_at_most,
            const ReaderOptions& options);

  // A key met by a SCAN at `now`: told to its target, which is added when targets are discovered.
  void Observe(std::string_view key, double now);
  // Lets go of discovered targets that for ten minutes have had no live process and no new work;
  // those whose queue is not empty, with the tasks left there.
  std::vector<std::pair<Target, double>> DropVanished(double now);

  // In order of their prefixes.
  std::vector<TargetReader*> Readers() const;

 private:
  struct Entry {
    std::unique_ptr<TargetReader> reader;
    double last_met = 0;  // its heartbeat, by a SCAN
  };
  std::size_t discover_at_most_;
  const ReaderOptions& options_;
  std::map<std::string, Entry, std::less<>> entries_;  // by "<tenant>:<project>"
};

}  // namespace chatscale::redis
