// Discovery with SCAN, one bounded step at a time: heartbeats and SSE entries that no index lists,
// and targets that are not configured. A walk over all keys begins at most once a minute.
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
  // Scans the keys of `only`; of all targets when it is null.
  explicit KeyScan(const Target* only);

  // True while a walk is in progress or may begin. `now` in Unix seconds.
  bool Due(double now) const;

  // One step; Redis examines about `keys` keys (COUNT).
  void AddCommands(std::size_t keys, Pipeline& pipeline) const;
  // The matching keys found; views into the reply.
  std::vector<std::string_view> ParseReplies(double now, ReplyStream& replies, ReplyFaults& faults);

  // Completed walks since the start.
  int passes() const { return passes_; }

 private:
  std::string pattern_;
  std::string cursor_ = "0";  // SCAN cursor; "0" between two walks
  int passes_ = 0;
  double began_at_ = 0;  // Unix seconds: begin of the current or the last walk
};

// Lists the tenants in a Redis; used when a configured target is missing there.
class TenantSurvey {
 public:
  TenantSurvey() : scan_(nullptr) {}

  // True while a walk over all keys is in progress or may begin: at most one in ten minutes.
  bool Due(double now) const;
  void AddCommands(std::size_t keys, Pipeline& pipeline) const {
    scan_.AddCommands(keys, pipeline);
  }
  void ParseReplies(double now, ReplyStream& replies, ReplyFaults& faults);

  // "acme/one (3 processes), acme/two (1 process)"; empty while none has been found.
  std::string Found() const;

 private:
  KeyScan scan_;
  std::map<std::string, int> walking_, found_;  // number of processes, by "<tenant>/<project>"
  double completed_at_ = 0;                     // Unix seconds; 0: never
};

// The targets being read: configured, or discovered in Redis.
class TargetSet {
 public:
  // `discover_at_most` 0: only the configured `named` ones. `options` must outlive this.
  TargetSet(const std::vector<Target>& named, std::size_t discover_at_most,
            const ReaderOptions& options);

  // Passes a key found by SCAN at `now` to its target. True: it is a heartbeat of a target that is
  // not read yet; the caller reads it and calls Discover or Ignore.
  bool Observe(std::string_view key, double now);
  // Adds the target of a readable heartbeat. When there is no room, it replaces the target without
  // a live process whose last one is longest ago; without such a target it is left out.
  void Discover(std::string_view key, double now);
  // The heartbeat cannot be parsed: the key is ignored for at most five walks.
  void Ignore(std::string_view key);
  void EndWalk();
  // Targets found in the last walk but not read for lack of room.
  std::size_t left_out() const { return left_out_; }
  // Drops discovered targets that had no live process and no new work for ten minutes. Returns
  // those whose queue is not empty, with the number of tasks left there.
  std::vector<std::pair<Target, double>> DropVanished(double now);

  // Ordered by key prefix.
  std::vector<TargetReader*> Readers() const;

 private:
  struct Entry {
    std::unique_ptr<TargetReader> reader;
    double last_met = 0;  // Unix seconds: a SCAN last found a heartbeat of it
  };
  std::size_t discover_at_most_;
  const ReaderOptions& options_;
  bool MakeRoom();

  std::map<std::string, Entry, std::less<>> entries_;  // by "<tenant>:<project>"
  std::set<std::string, std::less<>> leaving_out_;     // at most kMostLeftOut
  std::size_t left_out_ = 0;
  bool no_room_ = false;                      // MakeRoom found nothing to drop in this walk
  absl::flat_hash_set<std::size_t> ignored_;  // hashes of keys; at most kMostIgnored
  int walks_ = 0;
};

}  // namespace chatscale::redis
