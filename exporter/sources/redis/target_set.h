// The targets being read, named or found in Redis.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "exporter/sources/redis/readers/target_reader.h"

namespace chatscale::redis {

class TargetSet {
 public:
  // `discover_at_most` 0: only `named` ones. `options` must outlive this.
  TargetSet(const std::vector<Target>& named, std::size_t discover_at_most,
            const ReaderOptions& options);

  // A key met by a SCAN at `now`, told to its target. True: the heartbeat of somebody who is not
  // read, but would be if it is readable; see Discover.
  bool Observe(std::string_view key, double now);
  // A readable heartbeat of somebody who is not read. Where there is no room, one without a live
  // process gives way, longest gone first; else it is left out.
  void Discover(std::string_view key, double now);
  // Its heartbeat cannot be read: it is not looked at again for some walks.
  void Ignore(std::string_view key);
  // A walk through all keys has ended.
  void EndWalk();
  // Discovered in the last walk, and not read for want of room.
  std::size_t left_out() const { return left_out_; }
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
  bool MakeRoom();

  std::map<std::string, Entry, std::less<>> entries_;  // by "<tenant>:<project>"
  std::set<std::string, std::less<>> leaving_out_;     // at most kMostLeftOut
  std::size_t left_out_ = 0;
  bool no_room_ = false;                      // until this walk ends
  absl::flat_hash_set<std::size_t> ignored_;  // hashes of keys; at most kMostIgnored
  int walks_ = 0;
};

}  // namespace chatscale::redis
