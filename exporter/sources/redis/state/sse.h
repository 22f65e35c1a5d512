// Open streams of the ingress processes (contract 2.5, 4.4).
//
// An entry is written when a stream opens or closes and expires a minute later, so a quiet process
// vanishes from Redis with all its streams (defect D10). Its last entry stays exact while its
// heartbeat lives: SseTable keeps it until the process writes again, or has been gone for longer
// than a heartbeat may be old: one that is late by a moment takes no streams away. A live process
// whose entry was never seen is counted as not heard from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/model/snapshot.h"
#include "exporter/sources/redis/state/stream_watch.h"

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

struct SseLimits {       // seconds
  double max_age = 120;  // of an entry, by its own time
  double gone = 45;      // without a heartbeat, until a process is forgotten
};

class SseTable {
 public:
  // What Redis answered for the process "<instance_id>:<process_id>" at `now` (Unix seconds).
  // `entry` is nullopt when there is none. An old entry counts only while the process is known.
  void Observe(const std::string& process, const std::optional<SseEntry>& entry, bool alive,
               double now, const SseLimits& limits);
  // After the last process of a cycle: who opened streams, and who did not?
  void EndCycle();
  bool Drains(const std::string& process) const { return watch_.Drains(process); }

  struct Known {
    std::optional<SseEntry> entry;     // nullopt: never seen
    bool kept = false;                 // expired or aged in Redis; held because its process lives
    std::optional<double> last_alive;  // Unix seconds; nullopt: only its entry has been met
  };
  // By process: those alive, those not gone for long, and those with a fresh entry.
  const std::map<std::string, Known>& processes() const { return processes_; }

 private:
  std::map<std::string, Known> processes_;
  StreamWatch watch_;
};

struct SseTotals {
  double connections = 0, limit = 0, sessions = 0;
  double draining_limit = 0;       // part of `limit`: of processes that drain
  int processes = 0, kept = 0;     // that contribute
  MaybeNumber hottest_saturation;  // highest count / limit of one process
};

// Nullopt when no entry counts.
std::optional<SseTotals> TotalsOf(const SseTable& table);

// Share of the live processes with an entry; nullopt when none lives.
MaybeNumber CoverageOf(const SseTable& table);

}  // namespace chatscale::redis
