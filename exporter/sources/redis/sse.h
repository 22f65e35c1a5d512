// Open streams of the ingress processes (contract 2.5, 4.4).
//
// An entry is written when a stream opens or closes and expires a minute later, so a quiet process
// vanishes from Redis with all its streams (defect D10). Its last entry stays exact while its
// heartbeat lives: SseTable keeps it until the process is gone or writes again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "exporter/core/snapshot.h"

namespace chatscale::redis {

class TolerantParser;

struct SseEntry {
  double count = 0;  // streams of this tenant and project
  double sessions = 0;
  double limit = 0;          // of the process, over all tenants (D11); 0 = no limit known
  std::optional<double> ts;  // Unix seconds; nullopt when missing or no number: counts as fresh
};

// Nullopt when the entry is unusable as a whole: no object, or count, sessions or max unreadable,
// negative or above 1e9. Half of an entry would add streams without their limit (D11).
std::optional<SseEntry> ParseSseEntry(TolerantParser& parser, std::string_view json);

class SseTable {
 public:
  // What Redis answered for the process "<instance_id>:<process_id>" at `now` (Unix seconds).
  // `entry` is nullopt when there is none. An entry older than `max_age` seconds counts only while
  // the process is alive.
  void Observe(const std::string& process, std::optional<SseEntry> entry, bool alive, double now,
               double max_age);
  // Forgets the processes that are not in `known`.
  void Retain(const std::set<std::string>& known);

  struct Kept {
    SseEntry entry;
    bool kept = false;  // expired or aged in Redis; held because its process lives
  };
  // Only entries that count, by process.
  const std::map<std::string, Kept>& entries() const { return entries_; }

 private:
  std::map<std::string, Kept> entries_;
};

struct SseTotals {
  double connections = 0, limit = 0, sessions = 0;
  int processes = 0, kept = 0;
  MaybeNumber hottest_saturation;  // highest count / limit of one process
};

// Nullopt when no entry counts.
std::optional<SseTotals> TotalsOf(const SseTable& table);

}  // namespace chatscale::redis
