// Walks through all keys with SCAN, one bounded step at a time, for heartbeats and stream entries
// that no index knows, and for targets nobody named. A walk begins at most once a minute.
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
#include "exporter/model/target.h"
#include "exporter/redis/target_reader.h"
#include "exporter/redis/wire/connection.h"
#include "exporter/redis/wire/reply.h"

namespace chatscale::redis {

class KeyScan {
 public:
  // Keys of `only`, or of everybody when it is null.
  explicit KeyScan(const Target* only);

  // A walk is under way, or may begin. `now` in Unix seconds.
  bool Due(double now) const;

  // One step, of about `keys` keys looked at by Redis.
  void AskStep(std::size_t keys, Pipeline& pipeline) const;
  // The matching keys met; views into the reply.
  std::vector<std::string_view> TakeStep(double now, ReplyStream& replies, ReplyFaults& faults);

  // Times the walk came round, since the start.
  int passes() const { return passes_; }

 private:
  std::string pattern_;
  std::string cursor_ = "0";
  int passes_ = 0;
  double began_at_ = 0;  // the walk under way, or the last one
};

// Which tenants a Redis has: asked once in a while when one that we were told to read is not there.

class TenantSurvey {
 public:
  TenantSurvey() : scan_(nullptr) {}

  // A walk through all keys is under way, or may begin: at most one in ten minutes.
  bool Due(double now) const;
  void AskStep(std::size_t keys, Pipeline& pipeline) const { scan_.AskStep(keys, pipeline); }
  void TakeStep(double now, ReplyStream& replies, ReplyFaults& faults);

  // "acme/one (3 processes), acme/two (1 process)"; "" while none is known.
  std::string Found() const;

 private:
  KeyScan scan_;
  std::map<std::string, int> walking_, found_;  // processes, by "<tenant>/<project>"
  double completed_at_ = 0;                     // Unix seconds; 0: never
};

// The targets being read, named or found in Redis.

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
